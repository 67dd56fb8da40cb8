# pyright: basic
"""What an existing installation leaves behind is taken over as it runs; no pod is restarted."""

import pytest

from cluster import ControlPlane, Operator
from tests.plane.existing import Existing
from tests.plane.user import Json, User, until

pytestmark = pytest.mark.plane


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> User:
    return User(plane, namespace)


def test_an_existing_installation_is_adopted_as_it_runs(user: User, installed: Operator) -> None:
    Existing(user).install()
    before = _snapshot(user)
    installed.start()
    try:
        until(lambda: user.condition("datasets", "hbase", "Ready").get("observedGeneration"), "it is adopted")
        user.until_quiet()
        assert _snapshot(user) == before, "nothing was restarted, remade or deleted"
        assert "TUNED" in _variables(user)
        assert user.get("configmaps", "sh.helm.release.v1.hbase.v1"), (
            "the record stays for as long as the rest"
        )
        _assert_ports_kept(user)
        _assert_true_statuses(user)
        _rotate(user, before["pods"])
        user.patch("jindoruntime/hbase", {"spec": {"worker": {"env": None}}})
        until(lambda: "TUNED" not in _variables(user), "a variable that Helm wrote goes with the spec")
        user.kubectl("delete", "dataset", "hbase", "--timeout=20s")
        until(lambda: not _left(user), "everything is gone", but=lambda: _left(user))
    finally:
        installed.stop()


def test_an_installation_of_an_older_chart_is_adopted_with_its_selectors(
    user: User, installed: Operator
) -> None:
    Existing(user, chart="jindofs-1.0.4").install()
    before = _snapshot(user)
    installed.start()
    try:
        until(lambda: user.condition("datasets", "hbase", "Ready").get("observedGeneration"), "it is adopted")
        user.until_quiet()
        assert _snapshot(user) == before, "nothing was restarted, remade or deleted"
        assert not user.condition("jindoruntimes", "hbase", "ChangeRefused")
        clients = user.get("daemonsets", "hbase-jindofs-fuse") or {}
        assert clients["spec"]["selector"]["matchLabels"]["chart"] == "jindofs-1.0.4"
        assert clients["spec"]["template"]["metadata"]["labels"]["chart"] == "jindofs-1.0.4"
        user.kubectl("delete", "dataset", "hbase", "--timeout=20s")
        until(lambda: not _left(user), "everything is gone", but=lambda: _left(user))
    finally:
        installed.stop()


def test_what_cannot_change_is_told_and_stays(user: User, installed: Operator) -> None:
    Existing(user, service="other").install()
    before = _snapshot(user)
    installed.start()
    try:
        refused = user.until_condition("jindoruntimes", "hbase", "ChangeRefused", "True")
        assert "StatefulSet" in refused["message"]
        assert "hbase-jindofs-worker" in refused["message"]
        assert "updates to statefulset spec" in refused["message"]
        user.until_quiet()
        assert _snapshot(user) == before
        assert user.status("datasets", "hbase")["phase"] == "Bound"
        assert len(user.events("hbase", "ErrorProcessRuntime")) == 1, "told once"
        user.kubectl("delete", "dataset", "hbase", "--timeout=20s")
        until(lambda: not _left(user), "everything is gone", but=lambda: _left(user))
    finally:
        installed.stop()


def test_the_end_of_an_adopted_runtime_withdraws_all_that_was_told_of_it(
    user: User, installed: Operator
) -> None:
    Existing(user).install()
    installed.start()
    try:
        until(lambda: user.condition("datasets", "hbase", "Ready").get("observedGeneration"), "it is adopted")
        user.kubectl("delete", "jindoruntime", "hbase", "--timeout=20s")
        user.phase("hbase", "NotBound")
        told = user.status("datasets", "hbase").keys() - {"phase", "conditions", "observedGeneration"}
        assert not told
    finally:
        installed.stop()


def test_what_was_deleted_while_nobody_served_it_is_taken_away(user: User, installed: Operator) -> None:
    Existing(user).install()
    user.kubectl("delete", "dataset", "hbase", "--wait=false")
    installed.start()
    try:
        until(lambda: not _left(user), "everything is gone", but=lambda: _left(user))
        assert not user.get("datasets", "hbase")
    finally:
        installed.stop()


def _snapshot(user: User) -> dict[str, dict[str, str]]:
    plurals = ("pods", "services", "statefulsets", "daemonsets", "configmaps", "persistentvolumeclaims")
    volumes = user.uids("persistentvolumes", f"fluid.io/dataset-id={user.namespace}-hbase")
    return {**{plural: user.uids(plural) for plural in plurals}, "persistentvolumes": volumes}


def _left(user: User) -> dict[str, dict[str, str]]:
    left = _snapshot(user)
    left["configmaps"].pop("kube-root-ca.crt", None)
    labels = {name for node in user.all("nodes") for name in node["metadata"]["labels"]}
    left["nodes"] = {name: "" for name in labels if user.namespace in name}
    left["jindoruntimes"] = user.uids("jindoruntimes")
    return {plural: names for plural, names in left.items() if names}


def _assert_ports_kept(user: User) -> None:
    config = (user.get("configmaps", "hbase-jindofs-config") or {})["data"]["jindocache.cfg"]
    assert "namespace.rpc.port = 18777" in config
    assert "storage.rpc.port = 19333" in config
    assert _ports(user.get("statefulsets", "hbase-jindofs-worker")) == [19333]
    assert _ports(user.get("statefulsets", "hbase-jindofs-master")) == [18777]


def _variables(user: User) -> list[str]:
    workload = user.get("statefulsets", "hbase-jindofs-worker")
    assert workload is not None
    [container] = workload["spec"]["template"]["spec"]["containers"]
    return [one["name"] for one in container["env"]]


def _ports(workload: Json | None) -> list[int]:
    assert workload is not None
    [container] = workload["spec"]["template"]["spec"]["containers"]
    return [port["containerPort"] for port in container["ports"]]


def _assert_true_statuses(user: User) -> None:
    dataset, runtime = user.status("datasets", "hbase"), user.status("jindoruntimes", "hbase")
    assert (dataset["phase"], len(dataset["runtimes"])) == ("Bound", 1)
    assert user.condition("datasets", "hbase", "Ready")["status"] == "True"
    assert not user.condition("datasets", "hbase", "NotReady"), "its cause is long gone"
    assert runtime["selector"] == "app=jindofs,release=hbase,role=jindofs-worker", "it matches the pods"
    assert (runtime["workerNumberReady"], runtime["masterNumberReady"]) == (2, 1)
    assert not user.condition("jindoruntimes", "hbase", "ChangeRefused")


def _rotate(user: User, before: dict[str, str]) -> None:
    """Other credentials reach every pod, one pod at a time."""
    dataset = user.get("datasets", "hbase")
    assert dataset is not None
    [mount] = dataset["spec"]["mounts"]
    for option in mount["encryptOptions"]:
        option["valueFrom"]["secretKeyRef"]["name"] = "newer"
    user.kubectl("create", "secret", "generic", "newer", "--from-literal=id=I", "--from-literal=secret=S")
    user.patch("dataset/hbase", {"spec": {"mounts": [mount]}})
    until(lambda: not set(user.uids("pods").values()) & set(before.values()), "all pods are replaced", 30)
    user.phase("hbase")
    user.until_quiet()
    assert user.uids("pods").keys() == before.keys()
