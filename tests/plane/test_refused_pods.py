# pyright: basic
"""Pods that the API server does not take: told within seconds in its words, and over once it takes them."""

import json
import time
from collections.abc import Iterator

import pytest

from cluster import ControlPlane
from tests.plane.user import API, Json, User, now, until

pytestmark = [pytest.mark.plane, pytest.mark.usefixtures("operator")]
SOON = 8.0
"""Seconds within which it has to be told: the operator gathers changes for two, and looks two later."""
LEVEL = "pod-security.kubernetes.io/enforce"


class RefusedUser(User):
    """A user in a namespace that takes no privileged pods."""

    def restrict(self, level: str = "restricted") -> None:
        self.kubectl("label", "namespace", self.namespace, f"{LEVEL}={level}")

    def allow(self) -> None:
        self.kubectl("label", "namespace", self.namespace, f"{LEVEL}-")

    @property
    def client(self) -> str:
        return f"{self.namespace}-client"

    def thin(self) -> tuple[Json, Json, Json]:
        client = {"fileSystemType": "fuse.client", "fuse": {"image": "reg.example.com/client"}}
        return (
            {
                "apiVersion": API,
                "kind": "ThinRuntimeProfile",
                "metadata": {"name": self.client},
                "spec": client,
            },
            self.dataset("images", placement="Shared"),
            {
                "apiVersion": API,
                "kind": "ThinRuntime",
                "metadata": {"name": "images"},
                "spec": {"profileName": self.client},
            },
        )

    def operation(self, kind: str, name: str, **spec: object) -> Json:
        dataset: Json = {"name": "images", **({"mountPath": "/data"} if kind == "DataProcess" else {})}
        spec = {"dataset": dataset, **spec}
        return {"apiVersion": API, "kind": kind, "metadata": {"name": name}, "spec": spec}

    def message(self, plural: str, name: str, kind: str) -> str:
        return self.condition(plural, name, kind).get("message", "")

    def until_told(self, plural: str, name: str, kind: str, *words: str) -> str:
        told = lambda: self.message(plural, name, kind)  # noqa: E731
        until(lambda: all(word in told() for word in words), f"{kind} says {words}", SOON, told)
        return told()

    def bring_client(self) -> str:
        """A reader comes to a node, as the node plugin tells of it; returns the node."""
        node = json.loads(self.plane.kubectl("get", "nodes", "-o", "json"))["items"][0]["metadata"]["name"]
        self.plane.kubectl("label", "node", node, f"fluid.io/f-{self.namespace}-images=true")
        return node


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> Iterator[RefusedUser]:
    user = RefusedUser(plane, namespace)
    yield user
    plane.kubectl("delete", "thinruntimeprofile", user.client, "--ignore-not-found", "--wait=false")
    plane.kubectl("label", "nodes", "--all", f"fluid.io/f-{namespace}-images-")


def test_a_fuse_client_that_a_namespace_refuses_is_told_with_its_node_until_it_is_allowed(
    user: RefusedUser,
) -> None:
    user.restrict("baseline")
    user.apply(*user.thin())
    user.phase("images")
    node = user.bring_client()
    workload = f"DaemonSet {user.namespace}/images-fuse"
    words = (
        workload,
        'violates PodSecurity "baseline:latest"',
        f"kubectl label --overwrite namespace {user.namespace}",
    )
    told = user.until_told("datasets", "images", "FusesFailing", f" on node {node} ", *words)
    assert user.message("thinruntimes", "images", "FusesFailing") == told
    user.until_told("thinruntimes", "images", "PodsRefused", *words)
    assert user.status("datasets", "images")["phase"] == "Bound", "readers elsewhere may have their client"
    time.sleep(5)  # in which it is refused a few times more
    assert user.message("datasets", "images", "FusesFailing") == told
    assert len(user.events("images", "FuseNotReady")) == 1
    user.allow()
    until(
        lambda: user.status("thinruntimes", "images").get("fuseNumberReady") == 1, "the client is ready", 30
    )
    until(lambda: not user.message("datasets", "images", "FusesFailing"), "nothing is wrong any more")
    until(lambda: not user.message("thinruntimes", "images", "PodsRefused"), "nothing is refused any more")


def test_a_master_that_a_quota_refuses_keeps_the_dataset_from_being_bound_and_says_why(
    user: RefusedUser,
) -> None:
    user.kubectl("create", "quota", "none", "--hard=pods=0")
    until(lambda: "0" in user.kubectl("get", "quota", "none", "-o", "jsonpath={.status.hard}"), "it counts")
    user.apply(*user.pair("hbase"))
    words = (
        f"StatefulSet {user.namespace}/hbase-jindofs-master",
        "exceeded quota: none",
        "describe resourcequota",
    )
    told = user.until_told("datasets", "hbase", "NotReady", *words)
    assert user.message("datasets", "hbase", "Ready") == told
    user.until_told("jindoruntimes", "hbase", "PodsRefused", *words)
    user.kubectl("delete", "quota", "none")
    user.phase("hbase", seconds=40)
    assert not user.message("datasets", "hbase", "NotReady")
    assert not user.message("jindoruntimes", "hbase", "PodsRefused")
    assert len(user.events("hbase", "ErrorProcessRuntime")) == 1


def test_workers_that_are_refused_while_others_serve_are_told_on_the_runtime(user: RefusedUser) -> None:
    user.kubectl("create", "quota", "two", "--hard=pods=2")
    until(lambda: "2" in user.kubectl("get", "quota", "two", "-o", "jsonpath={.status.hard}"), "it counts")
    user.apply(*user.thin(), *user.pair("hbase", replicas=3))  # of two kinds, of which one has no such name
    user.phase("hbase")
    workers = f"StatefulSet {user.namespace}/hbase-jindofs-worker"
    user.until_told("jindoruntimes", "hbase", "PodsRefused", workers, "exceeded quota: two")
    assert user.condition("datasets", "hbase", "Ready")["status"] == "True"
    until(lambda: user.events("hbase", "ErrorProcessRuntime"), "an event")
    user.kubectl("delete", "quota", "two")
    until(lambda: not user.message("jindoruntimes", "hbase", "PodsRefused"), "it is over", 40)


OPERATIONS: list[tuple[str, str, Json, str]] = [
    ("DataLoad", "dataloads", {}, "loader"),
    (
        "DataProcess",
        "dataprocesses",
        {"processor": {"script": {"image": "busybox", "source": "true"}}},
        "processor",
    ),
]


@pytest.mark.parametrize(("kind", "plural", "spec", "release"), OPERATIONS)
def test_an_operation_whose_pod_is_refused_says_so_until_it_runs(
    user: RefusedUser, kind: str, plural: str, spec: Json, release: str
) -> None:
    user.restrict()
    user.apply(*user.thin())
    user.phase("images")
    user.apply(user.operation(kind, "work", **spec))
    job = f"Job {user.namespace}/work-{release}-job"
    words = (f"the API server refuses pods of {job}: violates PodSecurity", f"{LEVEL}=baseline")
    told = user.until_told(plural, "work", "Progressing", *words)
    found = user.condition(plural, "work", "Progressing")
    assert (found["status"], found["reason"]) == ("False", "PodsRefused")
    time.sleep(5)  # in which it is refused a few times more
    assert user.message(plural, "work", "Progressing") == told
    assert len(user.events("work", "DataOperationExecutionFailed")) == 1
    user.allow()
    until(lambda: user.status(plural, "work").get("phase") == "Complete", "it completes", 40)


def test_a_missing_service_account_is_named(user: RefusedUser) -> None:
    user.apply(*user.thin())
    user.phase("images")
    script = {"script": {"image": "busybox", "source": "true"}, "serviceAccountName": "nobody"}
    user.apply(user.operation("DataProcess", "work", processor=script))
    words = ('serviceaccount "nobody" not found', "create that ServiceAccount")
    user.until_told("dataprocesses", "work", "Progressing", *words)
    user.kubectl("create", "serviceaccount", "nobody")
    until(lambda: user.status("dataprocesses", "work").get("phase") == "Complete", "it completes", 40)


def test_nobody_lists_events_while_all_pods_are_made(user: RefusedUser) -> None:
    began = now()
    user.apply(*user.thin(), *user.pair("hbase", replicas=2))
    user.phase("images")
    user.phase("hbase")
    user.bring_client()
    until(lambda: user.status("thinruntimes", "images").get("fuseNumberReady") == 1, "the client is ready")
    user.apply(user.operation("DataLoad", "work"))
    until(lambda: user.status("dataloads", "work").get("phase") == "Complete", "it completes")
    user.until_quiet()
    assert [one.uri for one in user.requests(began) if one.verb == "list" and "/events" in one.uri] == []
