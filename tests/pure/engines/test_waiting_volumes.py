"""Pods that wait for their volumes name what they may lack."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from fluid.engines.core.plan import Plan
from fluid.engines.core.pod_diagnostics import lacks_volumes, patience_left, what_it_may_lack
from fluid.engines.core.queries import Results
from fluid.engines.core.readiness import Serving
from fluid.engines.core.runtime_status import blank_status
from fluid.engines.core.snapshot import Snapshot
from fluid.models import DatasetStatus, JindoRuntime, OwnerReference, Pod
from fluid.types.time import format_time
from tests.pure.jindo.support import Case, oss, pod_spec, secret_options
from tests.pure.thin.support import Case as ThinCase

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def waiting(prepared: str = "False", owner: OwnerReference | None = None) -> Pod:
    conditions: list[JsonValue] = [
        {"type": kind, "status": truth, "lastTransitionTime": format_time(START)}
        for kind, truth in (("PodScheduled", "True"), ("PodReadyToStartContainers", prepared))
    ]
    owners: list[JsonValue] = [owner.to_wire()] if owner else []
    metadata: JsonValue = {"name": "one", "namespace": "default", "ownerReferences": owners}
    return Pod.model_validate({"metadata": metadata, "status": {"conditions": conditions}})


def serving(case: Case, after: float) -> Serving[JindoRuntime]:
    """A cache whose one master pod has waited so long for its volumes."""
    runtime, dataset = case.models
    master = case.master
    master.metadata.uid = "s1"
    owner = OwnerReference(
        api_version="apps/v1", kind="StatefulSet", name=master.name, uid="s1", controller=True
    )
    snapshot = Snapshot(
        runtime=runtime,
        dataset=dataset,
        identity=case.identity,
        now=START + timedelta(seconds=after),
        children=[master],
        pods=[waiting(owner=owner)],
    )
    plan = Plan(status=blank_status(), dataset_status=DatasetStatus(conditions=[]))
    return Serving(snapshot, Results(), plan, "hbase-jindofs-fuse")


def test_a_pod_of_jindo_without_its_volumes_is_told_to_see_to_its_secrets() -> None:
    case = Case({"secret": "whole"}, {"mounts": [oss(encryptOptions=secret_options("oss", "keys"))]})
    for workload in (case.master, case.worker, case.fuse):
        told = what_it_may_lack(pod_spec(workload).volumes or [])
        assert "Secret keys" in told
        assert "ConfigMap hbase-jindofs-config" in told


@pytest.mark.parametrize(("prepared", "lacks"), [("False", True), ("True", False)])
def test_a_pod_lacks_its_volumes_until_its_kubelet_prepared_it(prepared: str, lacks: bool) -> None:
    assert lacks_volumes(waiting(prepared)) is lacks


def test_a_pod_is_given_ten_seconds_from_its_scheduling_on() -> None:
    assert patience_left(waiting(), START + timedelta(seconds=4)) == 6
    assert patience_left(waiting(), START + timedelta(seconds=11)) == -1
    assert patience_left(Pod.model_validate({"metadata": {"name": "new"}}), START) == 10


def test_a_master_that_waits_for_a_secret_is_a_problem_that_names_the_secret() -> None:
    case = Case({}, {"mounts": [oss(encryptOptions=secret_options("oss", "keys"))]})
    early = serving(case, after=4)
    waits = early.record("master", case.master.name)
    assert waits is not None
    assert not waits.problem
    assert early.plan.requeue_after == 6
    waits = serving(case, after=11).record("master", case.master.name)
    assert waits is not None
    assert waits.problem
    assert "pod one has waited for its volumes for over 10 s: see that it has Secret keys" in waits.message


@pytest.mark.parametrize("named", [False, True])
def test_pull_secrets_of_the_operator_reach_every_component_that_names_none(named: bool) -> None:
    own: JsonValue = {"imagePullSecrets": [{"name": "own"}]} if named else {}
    assert isinstance(own, dict)
    environment = {"IMAGE_PULL_SECRETS": "first, second"}
    jindo = Case(own, {"mounts": [oss()]}, environment=environment).pods
    runtime: dict[str, JsonValue] = {**own, "worker": {"enabled": True, "image": "w:1"}, "replicas": 1}
    thin = ThinCase(runtime, environment={"MOUNT_ROOT": "/m", **environment})
    for pod in (*jindo, pod_spec(thin.fuse), pod_spec(thin.worker)):
        secrets = [one.name for one in pod.image_pull_secrets or []]
        assert secrets == (["own"] if named else ["first", "second"])
