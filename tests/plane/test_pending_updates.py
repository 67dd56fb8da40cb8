# pyright: basic
"""Changes of fields on a Bound runtime: what is in force at once, and what is told of the rest."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from cluster import ControlPlane
from tests.plane.user import User, until

pytestmark = [pytest.mark.plane, pytest.mark.usefixtures("operator")]
NAME = "hbase"
BASE = f"{NAME}-jindofs"


class Changer(User):
    """A user who changes fields of a JindoRuntime."""

    def change(self, **spec: object) -> None:
        self.patch(f"jindoruntime/{NAME}", {"spec": spec})
        generation = (self.get("jindoruntimes", NAME) or {})["metadata"]["generation"]

        def seen() -> bool:
            return self.status("jindoruntimes", NAME).get("appliedSpec", {}).get("generation") == generation

        until(seen, "the operator has applied the change", but=lambda: self.status("jindoruntimes", NAME))

    def pending(self) -> dict[str, str]:
        found = self.status("jindoruntimes", NAME).get("pendingUpdates") or []
        return {one["field"]: one["update"] for one in found}

    def told(self, kind: str = "UpdatePending") -> str:
        return self.condition("jindoruntimes", NAME, kind).get("message", "")

    def pods(self) -> dict[str, str]:
        """UIDs of all pods of the cache by name."""
        return {
            one["metadata"]["name"]: one["metadata"]["uid"] for one in self.all("pods", f"release={NAME}")
        }

    def await_next_second(self) -> None:
        """Pods that are made from then on are newer than those that are there: times have whole seconds."""
        made = max(one["metadata"]["creationTimestamp"] for one in self.all("pods", f"release={NAME}"))
        until(lambda: datetime.now(UTC) >= datetime.fromisoformat(made) + timedelta(seconds=1), "it is over")

    def replace(self, role: str) -> None:
        self.kubectl("delete", "pods", "-l", f"release={NAME},role=jindofs-{role}", "--wait=false")


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> Iterator[Changer]:
    user = Changer(plane, namespace)
    user.apply(*user.pair(NAME))
    user.phase(NAME)
    label = f"fluid.io/f-{namespace}-{NAME}"
    plane.kubectl("label", "nodes", "--all", f"{label}=true")
    nodes = len(json.loads(plane.kubectl("get", "nodes", "-o", "json"))["items"])
    until(lambda: sum("fuse" in name for name in user.pods()) == nodes, "all FUSE pods are there", 30)
    yield user
    plane.kubectl("label", "nodes", "--all", f"{label}-")


def test_a_change_is_in_force_at_once_or_waits_with_its_field_and_the_next_step(user: Changer) -> None:
    before = user.pods()
    user.change(replicas=2, cleanCachePolicy={"maxRetryAttempts": 1})
    until(lambda: before.items() < user.pods().items(), "another worker is there, and all others still are")
    assert user.pending() == {}
    assert user.told() == ""

    user.change(fuse={"env": {"A": "1"}})
    assert user.pending() == {"spec.fuse.env": "on-fuse-restart"}
    assert "spec.fuse.env (on-fuse-restart): FUSE pods take it when they are replaced" in user.told()
    assert f"{BASE}-fuse-" in user.told()
    assert before.items() <= user.pods().items()
    user.replace("fuse")
    until(lambda: user.pending() == {} and user.told() == "", "the FUSE pods have it", 30, user.told)

    user.change(worker={"properties": {"a": "b"}})
    user.await_next_second()  # no template changes: the time alone tells old pods from new ones
    assert user.pending() == {"spec.worker.properties": "on-restart"}
    assert f"{BASE}-worker-0 on node" in user.told()
    for role in ("worker", "master", "fuse"):
        user.replace(role)
    until(lambda: user.pending() == {} and user.told() == "", "all pods have it", 60, user.told)
    user.phase(NAME, seconds=60)


def test_a_rolling_field_replaces_pods_and_is_told_until_it_is_done(user: Changer) -> None:
    before = user.pods()
    user.change(secret="tokens")
    until(lambda: not before.items() & user.pods().items(), "all pods are others", 90, user.told)
    until(lambda: user.pending() == {} and user.told() == "", "nothing waits any more", 30, user.told)
    user.phase(NAME, seconds=60)


def test_a_field_that_cannot_be_changed_is_told_with_what_to_delete(user: Changer) -> None:
    user.change(fuse={"nodeSelector": {"kubernetes.io/os": "linux"}})
    assert user.pending() == {"spec.fuse.nodeSelector": "recreate"}
    assert "spec.fuse.nodeSelector (recreate)" in user.told()
    assert "keeps its node affinity" in user.told("VolumeUpdatePending")
    user.kubectl("delete", "pvc", NAME)
    until(lambda: user.told("VolumeUpdatePending") == "", "the volume is made anew", 60, user.told)
    user.replace("fuse")
    until(lambda: user.pending() == {} and user.told() == "", "nothing waits any more", 30, user.told)
