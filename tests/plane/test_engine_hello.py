# pyright: basic
"""The example `engine-hello`, installed beside the operator: its whole life at a real API server."""

import json
import re
import secrets
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from cluster import ControlPlane, Operator, start
from cluster.credentials import write_kubeconfig
from cluster.operator import NAMESPACE
from fluid.csi.manifests import NAME as PLUGIN
from tests.harness.hello import MANIFESTS, environment, run
from tests.plane.user import Json, User, until

NAME = "greetings"
CALLS = Path(__file__).parents[1] / "harness" / "staging_calls.py"
STARTS = "the first runtime of a kind is there: its controller starts"


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

    def label_node(self, word: str = "=true", node: str = "") -> str:
        """What the node plugin does on the node of a reader; the node."""
        node = node or first_node(self.plane)
        self.plane.kubectl("label", "node", node, f"fluid.io/f-{self.namespace}-{NAME}{word}")
        return node

    def volume(self) -> Json:
        return json.loads(self.plane.kubectl("get", "pv", f"{self.namespace}-{NAME}", "-o", "json"))

    def columns(self, *what: str) -> dict[str, str]:
        """What `kubectl get` prints of the one object there is, by column."""
        header, line = self.kubectl("get", *what).splitlines()
        starts = [found.start() for found in re.finditer(r"(?<=\s\s)\S|^\S", header)]
        cells = [slice(start, end) for start, end in pairwise([*starts, None])]
        return {header[cell].strip(): line[cell].strip() for cell in cells}


def first_node(plane: ControlPlane) -> str:
    return plane.kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")


class Plugin(NamedTuple):
    """The node plugin's account on one node."""

    node: str
    kubeconfig: Path


@pytest.fixture(scope="module")
def plugin(own: ControlPlane, operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> Plugin:
    """A token of the plugin's pod on the first node, with the rights and policies that the wheels print."""
    node = first_node(own)
    printed = [one for one in yaml.safe_load_all(operator.manifests("--csi")) if one["kind"] != "DaemonSet"]
    containers = [{"name": "plugin", "image": "plugin"}]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "plugin", "namespace": NAMESPACE},
        "spec": {"serviceAccountName": PLUGIN, "nodeName": node, "containers": containers},
    }
    text = yaml.safe_dump_all([*printed, pod])
    own.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=text)
    uid = own.kubectl("get", "pod", "plugin", "-n", NAMESPACE, "-o", "jsonpath={.metadata.uid}")
    binding = ("--bound-object-kind=Pod", "--bound-object-name=plugin", f"--bound-object-uid={uid}")
    token = own.kubectl("create", "token", PLUGIN, "-n", NAMESPACE, *binding).strip()
    api, file = own.api(), tmp_path_factory.mktemp("plugin") / "kubeconfig"
    write_kubeconfig(
        file, server=api.url, authority=api.authority, user=PLUGIN, token=token, namespace=NAMESPACE
    )
    return Plugin(node, file)


@pytest.fixture
def user(own: ControlPlane, operator: Operator) -> Iterator[HelloUser]:
    namespace = f"hello-{secrets.token_hex(4)}"
    own.kubectl("create", "namespace", namespace)
    yield HelloUser(own, namespace)
    own.kubectl("delete", "namespace", namespace, "--wait=false")


def kinds_started(operator: Operator) -> list[object]:
    """The kinds whose controllers the latest process of the operator has started."""
    return [line.get("kind") for line in operator.lines() if line.get("event") == STARTS]


def test_its_controller_starts_with_the_first_object_of_the_kind_and_no_sooner(
    user: HelloUser, operator: Operator
) -> None:
    user.plane.kubectl("delete", "datasets,helloruntimes", "--all", "--all-namespaces", "--timeout=60s")
    operator.restart()
    dataset, runtime = yaml.safe_load_all((MANIFESTS / "dataset.yaml").read_text())
    user.apply(dataset)
    told = user.until_condition("datasets", NAME, "Ready", "False")
    assert told["reason"] == "RuntimeNotFound"
    assert "create an AlluxioRuntime, HelloRuntime, JindoRuntime" in told["message"]
    assert kinds_started(operator) == []
    user.apply(runtime)
    user.phase(NAME, seconds=40)
    assert kinds_started(operator) == ["HelloRuntime"]
    user.kubectl("delete", "dataset", NAME, "--timeout=60s")


def test_a_dataset_is_bound_loaded_used_and_deleted_without_leftovers(user: HelloUser) -> None:
    user.bound()
    status = user.status("datasets", NAME)
    assert [(one["type"], one["name"]) for one in status["runtimes"]] == [("hello", NAME)]
    assert user.find(f"service/{NAME}-worker")["spec"]["ports"][0]["port"] == 8080
    volume = user.volume()
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


def test_kubectl_get_shows_workers_and_clients_in_columns(user: HelloUser) -> None:
    user.bound()
    user.label_node()
    until(lambda: user.hello().get("fuseNumberReady") == 1, "the client is ready", but=user.hello)
    columns = {"NAME": NAME, "READY WORKERS": "1", "WORKER PHASE": "Ready", "FUSE PHASE": "Ready"}
    assert user.columns("helloruntime").items() >= columns.items()
    assert [*user.columns("helloruntime")] == [*columns, "AGE"]
    assert user.columns("helloruntime", "-o", "wide")["READY FUSES"] == "1"
    assert user.columns("hello")["NAME"] == NAME, "by the short name too"
    shown = user.columns("dataset")
    assert shown["PHASE"] == "Bound"
    assert not user.status("datasets", NAME)["cacheStates"], "its engine reports no figures"
    assert {"CACHED": shown.get("CACHED"), "CACHE CAPACITY": shown.get("CACHE CAPACITY")} == {
        "CACHED": "",
        "CACHE CAPACITY": "",
    }
    user.kubectl("delete", "dataset", NAME, "--timeout=60s")


def test_fluid_render_says_what_the_operator_makes(user: HelloUser, binaries: Path) -> None:
    user.bound()
    file = MANIFESTS / "dataset.yaml"
    printed = run(binaries / "fluid", "render", "-f", file, "--namespace", user.namespace, cwd=binaries)
    rendered = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(printed)}
    assert {kind for kind, _ in rendered} == {
        *("ConfigMap", "DaemonSet", "PersistentVolume", "PersistentVolumeClaim", "Service", "StatefulSet")
    }
    assert [about for about in rendered if not user.find("/".join(about))] == []
    for kind, name in (("StatefulSet", f"{NAME}-worker"), ("DaemonSet", f"{NAME}-fuse")):
        there = user.find(f"{kind}/{name}")["spec"]["template"]["spec"]["containers"]
        for said, live in zip(
            rendered[kind, name]["spec"]["template"]["spec"]["containers"], there, strict=True
        ):
            assert {key: live.get(key) for key in said} == said | {
                key: live[key] for key in ("ports", "readinessProbe") if key in said
            }, "defaults of the API server stand in these two"
    user.kubectl("delete", "dataset", NAME, "--timeout=60s")


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


@pytest.mark.parametrize(("policy", "stays"), [(None, True), ("OnRuntimeDeleted", True), ("OnDemand", False)])
def test_the_node_plugin_follows_the_clean_policy_when_the_last_reader_of_a_node_ends(
    user: HelloUser, plugin: Plugin, binaries: Path, tmp_path: Path, policy: str | None, stays: bool
) -> None:
    dataset, runtime = yaml.safe_load_all((MANIFESTS / "dataset.yaml").read_text())
    runtime["spec"] |= {"fuse": {"cleanPolicy": policy}} if policy else {}
    user.apply(dataset, runtime)
    user.phase(NAME, seconds=40)
    spec = json.dumps(user.volume()["spec"]["csi"])
    labelled = f"fluid.io/f-{user.namespace}-{NAME}=true"

    def call(name: str) -> bool:
        """Whether the node has the label that brings the FUSE pod, after a call of its kubelet."""
        command = (binaries / "python", CALLS, name, plugin.kubeconfig, plugin.node, spec, tmp_path)
        run(*command, cwd=binaries)
        return plugin.node in user.plane.kubectl("get", "nodes", "-l", labelled, "-o", "name")

    assert call("stage")
    assert call("unstage") is stays
    user.kubectl("delete", "dataset", NAME, "--timeout=60s")


def test_a_clean_policy_that_does_not_exist_is_refused(user: HelloUser) -> None:
    user.bound()
    never = json.dumps({"spec": {"fuse": {"cleanPolicy": "never"}}})
    change = ("patch", f"helloruntime/{NAME}", "--type=merge", "-p", never)
    refused = user.plane.try_kubectl("-n", user.namespace, *change)
    assert refused.returncode != 0
    assert "OnRuntimeDeleted" in refused.stderr
    user.kubectl("delete", "dataset", NAME, "--timeout=60s")
