# pyright: basic
"""A tenant with rights in its own namespace alone: what it writes costs others neither time nor ports."""

import json
import secrets
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster import ControlPlane, Operator
from tests.plane.user import API, Json, User, until

pytestmark = pytest.mark.plane
LARGE = 900_000
"""Characters that a ConfigMap takes."""


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> User:
    return User(plane, namespace)


@pytest.fixture
def tenant(plane: ControlPlane) -> Iterator["Tenant"]:
    """A user with the role `edit` and the rights on runtimes, in a namespace of its own."""
    name = f"tenant-{secrets.token_hex(4)}"
    plane.kubectl("create", "namespace", name)
    rights = ("create", "get", "patch", "delete")
    plane.kubectl(
        "-n",
        name,
        "create",
        "role",
        "runtimes",
        f"--verb={','.join(rights)}",
        "--resource=jindoruntimes.data.fluid.io,datasets.data.fluid.io",
    )
    plane.kubectl("-n", name, "create", "rolebinding", "runtimes", "--role=runtimes", f"--user={name}")
    plane.kubectl("-n", name, "create", "rolebinding", "edit", "--clusterrole=edit", f"--user={name}")
    yield Tenant(plane, name)
    plane.kubectl("delete", "namespace", name, "--wait=false")


class Tenant(User):
    """Whatever it does it does in its own name."""

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return super().kubectl("--as", self.namespace, *arguments, stdin=stdin)

    def attack(self, name: str, **config_map: Json) -> None:
        """A runtime, and a ConfigMap that claims to belong to it."""
        self.create({"apiVersion": API, "kind": "JindoRuntime", "metadata": {"name": "x"}, "spec": {}})
        uid = (self.get("jindoruntimes", "x") or {})["metadata"]["uid"]
        owner = {"apiVersion": API, "kind": "JindoRuntime", "name": "x", "uid": uid, "controller": True}
        metadata = {
            "name": name,
            "labels": {"fluid.io/managed-by": "fluid"},
            "ownerReferences": [owner],
            **config_map.pop("metadata", {}),
        }
        found = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **config_map}
        self.kubectl("create", "-f", "-", stdin=json.dumps(found))


def ports(found: dict[str, int]) -> Json:
    return {"annotations": {"data.fluid.io/ports": json.dumps(found)}}


ATTACKS: dict[str, Json] = {
    "newlines": {"data": {"jindocache.cfg": "\n" * LARGE}},
    "digits": {"data": {"jindocache.cfg": "namespace.rpc.port = " + "9" * 5000}},
    "deep": {"metadata": {"annotations": {"data.fluid.io/ports": "[" * 100_000}}},
    "ports": {"metadata": ports({f"p{port}": port for port in range(18000, 20000)})},
    "true": {"metadata": ports({"masterRpc": True, "workerRpc": 10**400})},
}


@pytest.mark.parametrize("name", ["x", "x-jindofs-config"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_one_config_map_of_a_tenant_costs_others_neither_time_nor_ports(
    user: User, tenant: Tenant, operator: Operator, attack: str, name: str
) -> None:
    tenant.attack(name, **json.loads(json.dumps(ATTACKS[attack])))
    user.apply(*user.pair("ours", replicas=0))
    slowest = 0.0
    until(lambda: user.status("datasets", "ours").get("phase") == "Bound" or None, "it is Bound", 40)
    for _ in range(5):
        slowest = max(slowest, answered(operator))
    assert slowest < 2
    (master,) = [one for one in user.all("statefulsets") if one["metadata"]["name"].endswith("-master")]
    listened = [port for one in master["spec"]["template"]["spec"]["containers"] for port in one["ports"]]
    assert all(18000 <= port["containerPort"] < 20000 for port in listened)


def test_an_operator_that_starts_beside_such_a_config_map_is_ready_at_once(
    user: User, tenant: Tenant, operator: Operator
) -> None:
    tenant.attack("x-jindofs-config", **ATTACKS["newlines"])
    operator.restart()
    user.apply(*user.pair("ours", replicas=0))
    user.phase("ours", seconds=40)
    assert answered(operator) < 2


@pytest.mark.parametrize("kind", ["JindoRuntime", "ThinRuntime"])
def test_a_small_dataset_that_asks_for_gigabytes_is_told_so_and_others_go_on(
    user: User, tenant: Tenant, operator: Operator, kind: str
) -> None:
    mounts = [{"mountPoint": f"oss://b{number}/", "name": f"m{number}"} for number in range(256)]
    options = {"fs.oss.endpoint": "e" * LARGE}
    runtime = user.runtime("bomb")
    if kind == "ThinRuntime":
        runtime = {**runtime, "kind": kind, "spec": {"fuse": {"image": "i:1"}}}
    for one in (user.dataset("bomb", *mounts, sharedOptions=options), runtime):
        user.kubectl("create", "-f", "-", stdin=json.dumps(one))
    user.apply(*user.pair("ours", replicas=0))
    user.phase("ours", seconds=40)
    told = user.until_condition("datasets", "bomb", "NotReady", "True", 30)
    assert "spec.sharedOptions" in told["message"]
    assert "Shorten it" in told["message"]
    assert resident(operator) < 600 * 1024
    assert answered(operator) < 2


def answered(operator: Operator) -> float:
    """Seconds until /healthz answers."""
    started = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{operator.port('health')}/healthz", timeout=30) as answer:
        assert answer.status == 200
    return time.monotonic() - started


def resident(operator: Operator) -> int:
    """KiB of memory that the process had at most."""
    lines = Path(f"/proc/{operator.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
