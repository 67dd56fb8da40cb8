# pyright: basic
"""Data operations on the real control plane, under the rights that the controller declares."""

import json
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
import yaml
from anyio.from_thread import start_blocking_portal

from cluster import ControlPlane
from fluid.controllers.context import Context, Informers
from fluid.controllers.operation import OperationReconciler, rules
from fluid.engines.core.registry import Registry
from fluid.engines.core.settings import Settings
from fluid.engines.operations.dataload import registration
from fluid.kube import Connection, InformerFactory
from fluid.kube.events import Recorder
from fluid.kube.metrics import Metrics

DATASET = {
    "apiVersion": "data.fluid.io/v1alpha1",
    "kind": "Dataset",
    "metadata": {"name": "hbase"},
    "spec": {"mounts": [{"mountPoint": "s3://bucket", "name": "bucket"}]},
}
RUNTIME = {
    "apiVersion": "data.fluid.io/v1alpha1",
    "kind": "JindoRuntime",
    "metadata": {"name": "hbase"},
    "spec": {"tieredstore": {"levels": [{"mediumtype": "MEM", "path": "/dev/shm", "quota": "1Gi"}]}},
}
OTHERS = [
    {"apiGroups": ["data.fluid.io"], "resources": ["jindoruntimes"], "verbs": ["list", "watch"]},
    {"apiGroups": ["", "events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]},
    {
        "apiGroups": ["", "apps"],
        "resources": [
            "statefulsets",
            "daemonsets",
            "services",
            "pods",
            "nodes",
            "persistentvolumes",
            "persistentvolumeclaims",
        ],
        "verbs": ["list", "watch"],
    },
]
"""Rights that engines, the recorder and the shared informers declare elsewhere."""


class Operator:
    """The operation controller alone, and what a user does with it."""

    def __init__(self, plane: ControlPlane, namespace: str) -> None:
        self.plane = plane
        self.namespace = namespace
        self.user = f"system:serviceaccount:{namespace}:operator"

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self.plane.kubectl("-n", self.namespace, *arguments, stdin=stdin)

    def apply(self, *objects: dict) -> None:
        self.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(objects))

    def load(self, name: str, annotations: dict[str, str] | None = None, **spec: object) -> None:
        spec = {"dataset": {"name": "hbase"}, "podMetadata": {"annotations": annotations or {}}, **spec}
        kind = {"apiVersion": "data.fluid.io/v1alpha1", "kind": "DataLoad"}
        self.apply({**kind, "metadata": {"name": name}, "spec": spec})

    def bind(self) -> None:
        self.apply(DATASET, RUNTIME)
        runtime = {"name": "hbase", "namespace": self.namespace, "category": "Accelerate", "type": "jindo"}
        status = {"status": {"phase": "Bound", "conditions": [], "runtimes": [runtime]}}
        self.kubectl(
            "patch", "dataset/hbase", "--subresource=status", "--type=merge", "-p", json.dumps(status)
        )

    def get(self, what: str) -> dict:
        return json.loads(self.kubectl("get", what, "-o", "json"))

    def phase(self, name: str, wanted: str) -> dict:
        """Waits for a phase; returns the status."""
        self.kubectl(
            "wait", f"dataload/{name}", f"--for=jsonpath={{.status.phase}}={wanted}", "--timeout=20s"
        )
        return self.get(f"dataload/{name}")["status"]

    def reasons(self, name: str, wanted: int) -> list[str]:
        """Reasons of the events on an operation, once there are as many as wanted."""
        events: list[dict] = []
        for _ in range(50):
            selector = f"involvedObject.name={name}"
            events = json.loads(self.kubectl("get", "events", f"--field-selector={selector}", "-o", "json"))[
                "items"
            ]
            if len(events) >= wanted:
                break
            time.sleep(0.1)  # events are sent in the background and announce nothing
        return [event["reason"] for event in events]


async def _operate(kubeconfig: Path, namespace: str, stop: anyio.Event) -> None:
    async with Connection.open(kubeconfig=kubeconfig) as connection, anyio.create_task_group() as group:
        informer_factory = InformerFactory(connection, namespace=namespace)
        recorder = Recorder(connection)
        context = Context(
            connection=connection,
            informer_factory=informer_factory,
            recorder=recorder,
            metrics=Metrics(),
            registry=Registry.discover(),
            settings=Settings(),
            informers=Informers.by(informer_factory, namespace),
            namespace=namespace,
        )
        controller = OperationReconciler(context, registration()).controller()
        for task in (informer_factory.run, recorder.run, controller.run):
            group.start_soon(task)
        await stop.wait()
        group.cancel_scope.cancel()


@pytest.fixture
def operator(plane: ControlPlane, namespace: str, tmp_path: Path) -> Iterator[Operator]:
    role = f"operation-{secrets.token_hex(4)}"
    plane.kubectl("-n", namespace, "create", "serviceaccount", "operator")
    allowed = [*(rule.to_wire() for rule in rules(Registry.discover().operations.values())), *OTHERS]
    meta = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": role}}
    plane.kubectl("apply", "-f", "-", stdin=yaml.safe_dump({**meta, "kind": "ClusterRole", "rules": allowed}))
    account = f"--serviceaccount={namespace}:operator"
    plane.kubectl("create", "clusterrolebinding", role, f"--clusterrole={role}", account)
    kubeconfig = plane.service_account_kubeconfig(namespace, "operator", tmp_path / "kubeconfig")
    with start_blocking_portal("asyncio") as portal:
        stop = portal.call(anyio.Event)
        running = portal.start_task_soon(_operate, kubeconfig, namespace, stop)
        yield Operator(plane, namespace)
        portal.call(stop.set)
        running.result(timeout=20)
    plane.kubectl("delete", f"clusterrole/{role}", f"clusterrolebinding/{role}")


def test_a_load_waits_for_its_dataset_runs_and_goes_with_nothing_left(operator: Operator) -> None:
    operator.load("warm")
    status = operator.phase("warm", "Pending")
    assert status["conditions"][0]["reason"] == "TargetDatasetNotFound"
    operator.bind()
    status = operator.phase("warm", "Complete")
    assert status["conditions"][0]["type"] == "Complete"
    assert status["duration"].endswith("s")
    assert len(status["conditions"]) == 1
    job = operator.get("job/warm-loader-job")
    assert job["metadata"]["ownerReferences"][0]["kind"] == "DataLoad"
    assert operator.get("dataset/hbase")["status"].get("operationRef", {}) == {}
    reasons = ["DataOperationSucceed", "RuntimeNotReady", "TargetDatasetNotFound"]
    assert sorted(operator.reasons("warm", 3)) == reasons, "each once"
    operator.kubectl("delete", "dataload/warm", "--timeout=20s")
    assert operator.get("jobs")["items"] == []
    scripts = operator.get("configmaps")["items"]
    assert [one["metadata"]["name"] for one in scripts] == ["kube-root-ca.crt"]


def test_a_load_of_a_bound_dataset_costs_eight_writes_with_its_event(operator: Operator) -> None:
    operator.bind()
    since = datetime.now(UTC)
    operator.load("warm")
    operator.phase("warm", "Complete")
    operator.reasons("warm", 1)
    asked = [event for event in operator.plane.audit(since) if event.user == operator.user]
    assert [event for event in asked if event.code >= 400] == []
    writes = [(event.verb, event.resource, event.subresource) for event in asked if event.verb != "watch"]
    expected = [
        ("create", "configmaps", ""),
        ("create", "events", ""),
        ("create", "jobs", ""),
        ("patch", "dataloads", ""),
        ("patch", "dataloads", "status"),
        ("patch", "dataloads", "status"),
        ("patch", "datasets", "status"),
        ("patch", "datasets", "status"),
    ]
    lists = {("list", "jindoruntimes", "")}
    assert sorted(one for one in writes if one not in lists) == expected


def test_a_failed_load_fails_the_one_that_follows_and_names_it(operator: Operator) -> None:
    operator.bind()
    first = {"kind": "DataLoad", "name": "first"}
    operator.load("second", runAfter=first)
    assert operator.phase("second", "Pending")["waitingFor"] == {"operationComplete": True}
    operator.load("first", {"fluid.test/job-result": "fail"})
    status = operator.phase("first", "Failed")
    assert status["conditions"][0]["reason"] == "BackoffLimitExceeded"
    status = operator.phase("second", "Failed")
    assert status["conditions"][0]["reason"] == "PrecedingOperationFailed"
    assert f"DataLoad {operator.namespace}/first" in status["conditions"][0]["message"]


def test_a_follower_runs_after_its_predecessor_and_a_finished_one_expires(operator: Operator) -> None:
    operator.bind()
    operator.load("second", runAfter={"kind": "DataLoad", "name": "first"})
    operator.load("first", {"fluid.test/job-seconds": "1"}, ttlSecondsAfterFinished=3)
    operator.phase("second", "Complete")
    operator.kubectl("wait", "dataload/first", "--for=delete", "--timeout=20s")
    assert operator.get("dataload/second")["status"]["waitingFor"] == {"operationComplete": False}


def test_a_follower_runs_where_the_load_before_it_ran(operator: Operator) -> None:
    operator.bind()
    label = f"{operator.namespace}/rack"
    nodes = operator.plane.kubectl("get", "nodes", "-o", "name").split()
    for index, node in enumerate(nodes):
        operator.plane.kubectl("label", node, f"{label}={index}")
    strategy = {"policy": "Require", "requires": [{"name": label}]}
    after = {"kind": "DataLoad", "name": "first", "affinityStrategy": strategy}
    operator.load("second", runAfter=after)
    kind = {"apiVersion": "data.fluid.io/v1alpha1", "kind": "DataLoad"}
    asks = {"affinity.dataflow.fluid.io/labels": label}
    spec = {"dataset": {"name": "hbase"}}
    operator.apply({**kind, "metadata": {"name": "first", "annotations": asks}, "spec": spec})
    operator.phase("second", "Complete")
    ran = [
        {
            pod["spec"]["nodeName"]
            for pod in operator.get("pods")["items"]
            if pod["metadata"]["name"].startswith(n)
        }
        for n in ("first-loader-job", "second-loader-job")
    ]
    assert ran[0] == ran[1]
    wanted = operator.get("job/second-loader-job")["spec"]["template"]["spec"]["affinity"]["nodeAffinity"]
    terms = wanted["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert [one["key"] for term in terms for one in term["matchExpressions"]] == [label]
    recorded = json.dumps(operator.get("dataload/first")["status"]["nodeAffinity"])
    assert "kubernetes.io/hostname" in recorded
    for node in nodes:
        operator.plane.kubectl("label", node, f"{label}-")


def test_a_cron_load_runs_on_schedule_and_stops_with_its_deletion(operator: Operator) -> None:
    operator.bind()
    operator.load("nightly", policy="Cron", schedule="0 0 1 1 *")
    assert operator.phase("nightly", "Executing")["duration"] == "Unfinished"
    operator.kubectl("create", "job", "by-hand", "--from=cronjob/nightly-loader-job")
    assert operator.phase("nightly", "Complete")["conditions"][0]["type"] == "Complete"
    operator.load("nightly", policy="Cron", schedule="0 0 2 1 *")
    wanted = "--for=jsonpath={.spec.schedule}=0 0 2 1 *"
    operator.kubectl("wait", "cronjob/nightly-loader-job", wanted, "--timeout=20s")
    operator.kubectl("delete", "dataload/nightly", "--timeout=20s")
    assert operator.get("cronjobs")["items"] == []


def test_twenty_loads_at_once_share_one_dataset(operator: Operator) -> None:
    operator.bind()
    names = [f"load-{number}" for number in range(20)]
    kind = {"apiVersion": "data.fluid.io/v1alpha1", "kind": "DataLoad"}
    operator.apply(
        *({**kind, "metadata": {"name": n}, "spec": {"dataset": {"name": "hbase"}}} for n in names)
    )
    complete = "--for=jsonpath={.status.phase}=Complete"
    operator.kubectl("wait", *(f"dataload/{name}" for name in names), complete, "--timeout=20s")
    assert operator.get("dataset/hbase")["status"].get("operationRef", {}) == {}


def test_deletion_in_the_middle_of_a_run_ends_even_without_the_dataset(operator: Operator) -> None:
    operator.bind()
    operator.load("warm", {"fluid.test/job-seconds": "600"})
    operator.phase("warm", "Executing")
    assert operator.get("dataset/hbase")["status"]["operationRef"] == {"DataLoad": "warm"}
    operator.kubectl("delete", "dataset/hbase", "dataload/warm", "--timeout=20s")
    operator.kubectl("wait", "jobs", "--all", "--for=delete", "--timeout=20s")
    assert operator.get("jobs")["items"] == []
