# pyright: basic
"""The example `engine-hello`, installed beside the operator: its whole life at a real API server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from cluster import ControlPlane, Operator, start
from tests.harness.hello import MANIFESTS, environment, run
from tests.plane.user import Json, User, until

NAME = "greetings"


@pytest.fixture(scope="module")
def binaries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("hello"))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane of its own: what is installed here are other kinds than elsewhere."""
    started = start(tmp_path_factory.mktemp("hello-plane") / "cluster", tethered=True)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def operator(own: ControlPlane, binaries: Path) -> Iterator[Operator]:
    operator = Operator(own, program=binaries / "fluid")
    operator.install()
    operator.start()
    yield operator
    operator.stop()


class HelloUser(User):
    """A user of HelloRuntimes."""

    def find(self, about: str) -> Json:
        found = self.kubectl("get", about, "-o", "json", "--ignore-not-found")
        return json.loads(found) if found.strip() else {}

    def hello(self) -> Json:
        return self.find(f"helloruntime/{NAME}").get("status") or {}

    def bound(self) -> None:
        self.apply(*yaml.safe_load_all((MANIFESTS / "dataset.yaml").read_text()))
        self.phase(NAME, seconds=40)

    def label_node(self, word: str = "=true") -> str:
        """What the node plugin does on the node of a reader; the node."""
        node = self.plane.kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")
        self.plane.kubectl("label", "node", node, f"fluid.io/f-{self.namespace}-{NAME}{word}")
        return node


@pytest.fixture
def user(own: ControlPlane, operator: Operator) -> Iterator[HelloUser]:
    namespace = f"hello-{len(own.kubectl('get', 'namespaces', '-o', 'name').split())}"
    own.kubectl("create", "namespace", namespace)
    yield HelloUser(own, namespace)
    own.kubectl("delete", "namespace", namespace, "--wait=false")


def started(operator: Operator) -> list[str]:
    """What the operator's log says of the kind."""
    return [json.dumps(line) for line in operator.lines() if "HelloRuntime" in json.dumps(line)]


def test_a_dataset_is_bound_loaded_used_and_deleted_without_leftovers(
    user: HelloUser, operator: Operator
) -> None:
    user.bound()
    status = user.status("datasets", NAME)
    assert [(one["type"], one["name"]) for one in status["runtimes"]] == [("hello", NAME)]
    assert started(operator), "its controller runs since the first HelloRuntime"
    columns = user.kubectl("get", "helloruntimes").splitlines()
    assert columns[0].split("  ")[0] == "NAME"
    assert [*columns[1].split()[:4]] == [NAME, "1", "Ready", columns[1].split()[3]]
    assert user.find(f"service/{NAME}-worker")["spec"]["ports"][0]["port"] == 8080
    volume = json.loads(user.plane.kubectl("get", "pv", f"{user.namespace}-{NAME}", "-o", "json"))
    assert volume["spec"]["csi"]["volumeAttributes"]["mount_type"] == "fuse.rclone"
    node = user.label_node()
    until(lambda: user.hello().get("fuseNumberReady") == 1, "the client is ready", but=user.hello)
    load = yaml.safe_load((MANIFESTS / "dataload.yaml").read_text())
    load["spec"]["podMetadata"] = {"annotations": {"fluid.test/job-seconds": "0.5"}}
    user.apply(load)
    name = load["metadata"]["name"]
    until(
        lambda: user.status("dataloads", name).get("phase") == "Complete",
        "the DataLoad is Complete",
        30,
        lambda: user.status("dataloads", name),
    )
    user.kubectl("delete", "dataset", NAME, "--timeout=60s")

    def left() -> list[str]:
        kinds = "helloruntimes,pvc,statefulsets,daemonsets,services,configmaps,jobs,dataloads"
        found = user.kubectl("get", kinds, "-o", "name").split()
        found += user.plane.kubectl("get", "pv", "-o", "name").split()
        labels = user.plane.kubectl("get", "node", node, "-o", "jsonpath={.metadata.labels}")
        return [one for one in [*found, *json.loads(labels)] if NAME in one]

    until(lambda: not left(), "nothing is left", 30, left)


def test_workers_are_scaled_by_kubectl(user: HelloUser) -> None:
    user.bound()
    user.kubectl("scale", "helloruntime", NAME, "--replicas=2")
    until(lambda: user.hello().get("desiredWorkerNumberScheduled") == 2, "two are wanted", but=user.hello)
    user.kubectl("delete", "dataset", NAME, "--timeout=60s")


def test_a_source_that_it_cannot_cache_is_told_on_the_dataset(user: HelloUser) -> None:
    dataset, runtime = yaml.safe_load_all((MANIFESTS / "dataset.yaml").read_text())
    dataset["spec"]["mounts"][0]["mountPoint"] = "oss://models"
    user.apply(dataset, runtime)
    told = user.until_condition("datasets", NAME, "NotReady", "True")
    assert "spec.mounts[0].mountPoint: cannot be cached by a HelloRuntime" in told["message"]
    user.kubectl("delete", "dataset", NAME, "--timeout=60s")


def test_the_node_plugin_may_read_and_reads_the_clean_policy(user: HelloUser, binaries: Path) -> None:
    dataset, runtime = yaml.safe_load_all((MANIFESTS / "dataset.yaml").read_text())
    runtime["spec"]["fuse"] = {"cleanPolicy": "OnDemand"}
    user.apply(dataset, runtime)
    user.phase(NAME, seconds=40)
    printed = [*yaml.safe_load_all(run(binaries / "fluid", "manifests", "--csi", cwd=binaries))]
    [role] = [one for one in printed if one["kind"] == "ClusterRole"]
    assert any("helloruntimes" in rule["resources"] and "get" in rule["verbs"] for rule in role["rules"])
    program = "import json, sys; from fluid.csi.runtimes import runtime_kind as kind; "
    program += "print(kind('hello').model_validate(json.loads(sys.argv[1])).clean_policy)"
    live = json.dumps(user.find(f"helloruntime/{NAME}"))
    assert run(binaries / "python", "-c", program, live, cwd=binaries).strip() == "OnDemand"
    never = json.dumps({"spec": {"fuse": {"cleanPolicy": "never"}}})
    change = ("patch", f"helloruntime/{NAME}", "--type=merge", "-p", never)
    refused = user.plane.try_kubectl("-n", user.namespace, *change)
    assert refused.returncode != 0
    user.kubectl("delete", "dataset", NAME, "--timeout=60s")
