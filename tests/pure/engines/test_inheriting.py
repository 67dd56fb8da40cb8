# pyright: basic
"""An upgrade changes no pod template: what a workload was made with, it keeps."""

from typing import Any

import pytest

from fluid.engines.core.upgrade import W, keep_powers, keep_selector
from tests.pure.jindo.support import Case as JindoCase
from tests.pure.jindo.support import pod_spec
from tests.pure.thin.support import Case, container, pod

WORKERS = {"worker": {"enabled": True, "image": "w"}}


def older(item: W, *, privileged: bool = False) -> W:
    """The workload as an earlier release made it."""
    wire: Any = item.to_wire()
    spec = wire["spec"]["template"]["spec"]
    del spec["automountServiceAccountToken"]
    if privileged:
        spec["containers"][0]["securityContext"] = {"privileged": True}
    return type(item).model_validate(wire)


def test_new_pods_get_no_token_and_workers_no_privileges() -> None:
    case, jindo = Case(WORKERS), JindoCase()
    for item in (case.fuse, case.worker):
        assert pod(item).automount_service_account_token is False
    for item in (jindo.master, jindo.worker, jindo.fuse):
        assert pod_spec(item).automount_service_account_token is False
    assert container(case.worker).security_context is None
    assert pod_spec(jindo.worker).containers[0].security_context is None


@pytest.mark.parametrize("name", ["fuse", "worker"])
def test_a_workload_of_an_earlier_release_keeps_its_template(name: str) -> None:
    wanted = getattr(Case(WORKERS), name)
    live = older(wanted, privileged=name == "worker")
    kept = keep_powers(wanted, live)
    assert kept.to_wire() == live.to_wire()
    assert pod(wanted).automount_service_account_token is False, "what is rendered is shared between passes"


def test_a_new_workload_stays_as_it_was_made() -> None:
    wanted = Case(WORKERS).worker
    assert keep_powers(wanted, wanted) is wanted
    assert keep_powers(wanted, None) is wanted


@pytest.mark.parametrize("wish", ["true", "false"])
def test_an_annotation_decides_about_privileges_whatever_is_live(wish: str) -> None:
    case = Case(WORKERS, annotations={"runtime.fluid.io/worker.privileged": wish})
    wanted = case.worker
    context = container(keep_powers(wanted, older(Case(WORKERS).worker, privileged=True))).security_context
    assert context is not None
    assert context.privileged is (wish == "true")


@pytest.mark.parametrize("name", ["fuse", "worker"])
def test_a_workload_keeps_its_selector_and_its_pods_have_these_labels(name: str) -> None:
    wanted = getattr(Case(WORKERS), name)
    wire: Any = wanted.to_wire()
    wire["spec"]["selector"]["matchLabels"]["chart"] = "thin-0.1.0"
    live = type(wanted).model_validate(wire)
    kept = keep_selector(wanted, live)
    assert kept.spec.selector.match_labels["chart"] == "thin-0.1.0"
    assert kept.spec.template.metadata.labels["chart"] == "thin-0.1.0"
    assert kept.spec.template.metadata.labels["role"] == wanted.spec.template.metadata.labels["role"]
    assert wanted.spec.template.metadata.labels["chart"] == "thin-0.1.5", "what is rendered is shared"
    assert keep_selector(wanted, wanted) is wanted
    assert keep_selector(wanted, None) is wanted
