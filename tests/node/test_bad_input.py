"""What a user gets wrong is told within seconds, without secrets, and heals when it is put right."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from cluster.node import Node, datapath
from tests.node.datapath import deleted, secret_keys
from tests.node.support import until

_log = logging.getLogger(__name__)
RIGHT, WRONG = "open-sesame", "closed-sesame"
TOLD_WITHIN, HEALED_WITHIN = 20.0, 40.0
"""Seconds, for a machine on which more runs than this."""


def correct_the_dataset(node: Node, namespace: str, case: "Case") -> None:
    case.apply(node, namespace, wrong=False)


def correct_the_secret(node: Node, namespace: str, case: "Case") -> None:
    secret_keys(node, namespace, RIGHT)


def make_the_bucket(node: Node, namespace: str, case: "Case") -> None:
    node.kubectl("-n", namespace, "exec", "s3", "-c", "shell", "--", "mkdir", "/data/nothing")


@dataclass(frozen=True)
class Case:
    """One mistake.

    Attributes:
        said: Words that point at it.
        wrong: What stands in the example's file in place of what.
        example: Which example.
        secret: The secret key that the user gives.
        mend: Puts it right.
        bound: Whether it is found out only when a pod reads.
        replaced: Whether another FUSE pod is needed.
    """

    said: str
    wrong: dict[str, str] = field(default_factory=dict[str, str])
    example: str = "rclone"
    secret: str = RIGHT
    mend: Callable[[Node, str, "Case"], None] = correct_the_dataset
    bound: bool = True
    replaced: bool = False

    @property
    def name(self) -> str:
        return {"rclone": "store", "s3fs": "bucket"}[self.example]

    def apply(self, node: Node, namespace: str, *, wrong: bool) -> None:
        text = (datapath.EXAMPLES / self.example / "dataset.yaml").read_text()
        for old, new in self.wrong.items() if wrong else ():
            assert old in text, old
            text = text.replace(old, new)
        text = text.replace("s3.default:", f"s3.{namespace}:")
        node.kubectl("-n", namespace, "apply", "--filename", "-", stdin=text)


_PROFILE = "profileName: rclone"
_CONFLICT = """
  volumes: [{name: mine, emptyDir: {}}]
  fuse: {volumeMounts: [{name: mine, mountPath: /etc/fluid/config}]}"""
CASES = {
    "secret": Case("SignatureDoesNotMatch", secret=WRONG, mend=correct_the_secret),
    "secret for s3fs": Case("SignatureDoesNotMatch", example="s3fs", secret=WRONG, mend=correct_the_secret),
    "bucket": Case("NoSuchBucket", {"s3://models": "s3://nothing"}, mend=make_the_bucket),
    "bucket for s3fs": Case("NoSuchBucket", {"s3://models": "s3://nothing"}, "s3fs", mend=make_the_bucket),
    "port": Case("connection refused", {":7070": ":7071"}),
    "port for s3fs": Case("unable to connect", {":7070": ":7071"}, "s3fs"),
    "host": Case("lookup s3.nowhere", {"s3.default": "s3.nowhere"}),
    "image": Case("thin-rclone:none", {_PROFILE: f"{_PROFILE}\n  fuse: {{imageTag: none}}"}, replaced=True),
    "profile": Case("ThinRuntimeProfile 'rclon'", {_PROFILE: "profileName: rclon"}, bound=False),
    "mount path": Case("mountPath /etc/fluid/config", {_PROFILE: _PROFILE + _CONFLICT}, bound=False),
    "two sources of one name": Case(
        "both sources would appear at '/models'", {"name: images": "name: models"}, bound=False
    ),
}


@pytest.fixture
def case(bucket: Node, namespace: str, request: pytest.FixtureRequest) -> Iterator[Case]:
    """A mistake, made, with a pod that waits for its volume."""
    made: Case = request.param
    secret_keys(bucket, namespace, made.secret)
    made.apply(bucket, namespace, wrong=True)
    datapath.apply(bucket, namespace, "reader.yaml", CLAIM=made.name)
    yield made
    bucket.kubectl("-n", namespace, "delete", "pod", "reader", "--timeout=30s")
    deleted(bucket, namespace, made.name)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES, indirect=True)
def test_a_mistake_is_told_within_seconds_and_heals_when_it_is_put_right(
    bucket: Node, namespace: str, case: Case
) -> None:
    told = timed(lambda: case.said in condition(bucket, namespace, case), "the Dataset tells", TOLD_WITHIN)
    waits = "FuseNotReady" if case.bound else "FailedScheduling"
    points = case.said if case.bound else f'persistentvolumeclaim "{case.name}" not found'
    until(lambda: points in events(bucket, namespace, "reader", waits), "the pod that waits is told")
    until(lambda: case.said in not_ready(bucket, namespace), "the Dataset is not Ready, with the cause")
    before = clients(bucket, namespace)
    case.mend(bucket, namespace, case)
    healed = timed(lambda: reads(bucket, namespace), "the pod reads", HEALED_WITHIN)
    _log.info("told after %s s, read %s s after the correction", told, healed)
    until(lambda: not condition(bucket, namespace, case), "nothing is said any more")
    until(lambda: not not_ready(bucket, namespace), "the Dataset is Ready")
    assert case.replaced or not case.bound or clients(bucket, namespace) == before
    spoken = everything_said(bucket, namespace)
    assert "sesame" not in spoken


def timed(holds: Callable[[], object], what: str, seconds: float) -> float:
    """Seconds until a condition holds."""
    since = time.monotonic()
    until(holds, what, seconds=seconds)
    return round(time.monotonic() - since, 1)


def items(node: Node, namespace: str, *what: str) -> list[dict[str, Any]]:
    """Objects of a namespace."""
    return json.loads(node.kubectl("-n", namespace, "get", *what, "-o", "json"))["items"]


def condition(node: Node, namespace: str, case: Case) -> str:
    """What the Dataset says is wrong; empty if nothing is."""
    [dataset] = items(node, namespace, "datasets")
    conditions = dataset.get("status", {}).get("conditions", [])
    kind = "FusesFailing" if case.bound else "NotReady"
    return next((one["message"] for one in conditions if one["type"] == kind), "")


def not_ready(node: Node, namespace: str) -> str:
    """Why the Dataset is not Ready; empty if it is."""
    [dataset] = items(node, namespace, "datasets")
    [ready] = [one for one in dataset["status"]["conditions"] if one["type"] == "Ready"]
    return ready["message"] if ready["status"] == "False" else ""


def events(node: Node, namespace: str, pod: str, reason: str) -> str:
    """The messages of a pod's events."""
    chosen = f"involvedObject.name={pod},reason={reason}"
    return "\n".join(one["message"] for one in items(node, namespace, "events", "--field-selector", chosen))


def clients(node: Node, namespace: str) -> list[str]:
    """The FUSE pods."""
    return [one["metadata"]["uid"] for one in items(node, namespace, "pods", "-l", "role=thin-fuse")]


def reads(node: Node, namespace: str) -> bool:
    """Whether the waiting pod has started, and lists what is there."""
    listing = node.try_kubectl("-n", namespace, "exec", "reader", "--", "ls", "/data")
    return listing.returncode == 0


def everything_said(node: Node, namespace: str) -> str:
    """All conditions, events and logs that speak of this namespace's Datasets."""
    said = json.dumps([items(node, namespace, kind) for kind in ("datasets", "thinruntimes", "events")])
    for who in ("deployment/fluid-operator", "daemonset/csi-nodeplugin-fluid"):
        said += node.kubectl("-n", "fluid-system", "logs", who)
    return said + node.kubectl("-n", namespace, "logs", "-l", "role=thin-fuse", "--tail=-1")
