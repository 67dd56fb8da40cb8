"""The CRDs at a real API server: accepted, and refusing what they should with a message that helps."""

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cluster import ControlPlane
from fluid.codegen.new_engine import EngineName, write_engine
from fluid.models import Dataset, DatasetStatus, JindoRuntime, ObjectMeta, OperationStatus, RuntimeStatus
from fluid.types import KubeObject
from tests import strategies
from tests.harness.admission import ACCEPTED, LONG_NAME, REFUSED, Node, jindo, manifest, tier

_CRDS = Path(__file__).parents[2] / "generated" / "crds"


def _create(plane: ControlPlane, document: Node, *options: str) -> str:
    done = plane.try_kubectl("create", "--filename", "-", *options, stdin=json.dumps(document))
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize(("document", "message"), REFUSED)
def test_what_breaks_a_rule_is_refused_with_place_and_remedy(
    plane: ControlPlane, document: Node, message: str
) -> None:
    assert re.search(message, _create(plane, document, "--dry-run=server"))


@pytest.mark.parametrize("document", ACCEPTED)
def test_the_neighbours_of_what_is_refused_are_accepted(plane: ControlPlane, document: Node) -> None:
    assert _create(plane, document, "--dry-run=server") == ""


def test_definitions_are_structural_and_established(plane: ControlPlane) -> None:
    listed = json.loads(plane.kubectl("get", "crd", "--output", "json"))["items"]
    definitions = [item for item in listed if item["spec"]["group"] == "data.fluid.io"]
    assert len(definitions) >= 3
    for definition in definitions:
        conditions = {c["type"]: c["status"] for c in definition["status"]["conditions"]}
        assert conditions == {"NamesAccepted": "True", "Established": "True"}


def test_the_definition_of_a_new_engine_is_accepted(plane: ControlPlane, tmp_path: Path) -> None:
    write_engine(EngineName.of("pebble"), tmp_path)
    (crd,) = tmp_path.glob("*/crds/*.yaml")
    document = yaml.safe_load(crd.read_text())
    assert _create(plane, document, "--dry-run=server") == ""
    version = document["spec"]["versions"][0]
    del version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["image"]["type"]
    assert "image].type" in _create(plane, document, "--dry-run=server"), "it is judged in dry runs too"


def _bounded(examples: int) -> settings:
    """Each example asks a server: few of them, and no search for the smallest that fails."""
    unhealthy = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples, phases=[Phase.generate], suppress_health_check=unhealthy)


immense = pytest.mark.filterwarnings("ignore:Generating overly large repr")
objects = st.one_of(strategies.datasets(), strategies.jindo_runtimes(), strategies.data_loads())


@immense
@_bounded(5)
@given(st.lists(objects, min_size=5, max_size=20, unique_by=lambda thing: (thing.resource, thing.name)))
def test_what_the_strategies_draw_is_accepted_hostile_strings_included(
    plane: ControlPlane, namespace: str, things: list[KubeObject]
) -> None:
    for thing in things:
        thing.metadata.namespace = namespace
    document: Node = {"apiVersion": "v1", "kind": "List", "items": [thing.to_wire() for thing in things]}
    assert _create(plane, document, "--dry-run=server") == ""


def test_defaults_of_the_server_are_those_of_the_models(plane: ControlPlane, namespace: str) -> None:
    document = jindo({"cleanCachePolicy": {}, **tier(quota="1.50Gi")})
    assert _create(plane, document, "--namespace", namespace) == ""
    got = plane.kubectl("get", "jindo", "x", "--namespace", namespace, "--output", "json")
    served = JindoRuntime.model_validate_json(got).spec
    written = JindoRuntime.model_validate(document).spec
    assert served.clean_cache_policy == written.clean_cache_policy
    assert served.clean_cache_policy is not None
    assert served.clean_cache_policy.grace_period_seconds == 60
    assert served.tieredstore is not None
    assert written.tieredstore is not None
    assert served.tieredstore.levels == written.tieredstore.levels
    assert served.tieredstore.to_wire() == {
        "levels": [{"mediumtype": "SSD", "quota": "1.50Gi", "volumeType": "hostPath"}]
    }


statuses = st.one_of(
    strategies.dataset_statuses(), strategies.runtime_statuses(), strategies.operation_statuses()
)
_PLURALS = {DatasetStatus: "datasets", RuntimeStatus: "jindoruntimes", OperationStatus: "dataloads"}


@immense
@_bounded(10)
@given(statuses)
def test_every_status_that_a_model_can_hold_is_accepted(
    plane: ControlPlane, namespace: str, status: DatasetStatus | RuntimeStatus | OperationStatus
) -> None:
    plural = _PLURALS[type(status)]
    kind = {"datasets": "Dataset", "jindoruntimes": "JindoRuntime", "dataloads": "DataLoad"}[plural]
    _create(plane, manifest(kind, {}), "--namespace", namespace)
    patch = json.dumps({"status": {"conditions": [], **status.to_wire()}})
    done = plane.try_kubectl(
        "patch", plural, "x", "--namespace", namespace, "--subresource=status", "--type=merge",
        "--dry-run=server", "--patch-file=/dev/stdin", stdin=patch,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_columns_show_what_status_says(plane: ControlPlane, namespace: str) -> None:
    dataset = Dataset(metadata=ObjectMeta(name="x", namespace=namespace))
    assert _create(plane, dataset.to_wire()) == ""
    status = DatasetStatus(
        conditions=[], phase="Bound", ufs_total="1.00GiB", file_num="7", cache_states={"cached": "0.50GiB"}
    )
    patch = json.dumps({"status": status.to_wire()})
    plane.kubectl(
        "patch",
        "dataset",
        "x",
        "--namespace",
        namespace,
        "--subresource=status",
        "--type=merge",
        "--patch",
        patch,
    )
    table = plane.kubectl("get", "dataset", "--namespace", namespace, "--output", "wide")
    head, row = table.splitlines()
    columns = re.split(r"\s{2,}", head.strip())
    assert columns == [
        *["NAME", "UFS TOTAL SIZE", "CACHED", "CACHE CAPACITY", "CACHED PERCENTAGE", "PHASE"],
        *["HCFS URL", "TOTAL FILES", "CACHE HIT RATIO", "AGE"],
    ]
    assert re.split(r"\s{2,}", row.strip())[:4] == ["x", "1.00GiB", "0.50GiB", "Bound"]


def test_what_was_there_before_the_rules_can_still_be_changed_and_deleted(
    plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    text = (_CRDS / "data.fluid.io_jindoruntimes.yaml").read_text()
    ours = text.replace("data.fluid.io", "old.fluid.io").replace("  - jindo\n", "  - oldjindo\n")
    definition = yaml.safe_load(ours)
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    del schema["x-kubernetes-validations"]
    levels = schema["properties"]["spec"]["properties"]["tieredstore"]["properties"]["levels"]
    del levels["items"]["x-kubernetes-validations"]
    (tmp_path / "old.json").write_text(json.dumps(definition))
    (tmp_path / "new.yaml").write_text(ours)
    name, old = LONG_NAME, ["jindoruntimes.old.fluid.io", "--namespace", namespace]
    document = {**jindo(tier(path="/a"), name), "apiVersion": "old.fluid.io/v1alpha1"}
    try:
        plane.kubectl("apply", "--server-side", "--filename", str(tmp_path / "old.json"))
        _wait_until_served(plane, old[0])
        plane.kubectl("create", "--namespace", namespace, "--filename", "-", stdin=json.dumps(document))
        plane.kubectl("apply", "--server-side", "--filename", str(tmp_path / "new.yaml"))
        _wait_until_refused(plane, {**document, "metadata": {"name": f"{name[:-1]}b"}}, namespace)
        plane.kubectl("annotate", *old, name, "a=b")
        plane.kubectl("patch", *old, name, "--type=merge", "--patch", '{"spec": {"replicas": 2}}')
        plane.kubectl(
            "patch", *old, name, "--type=merge", "--patch", '{"metadata": {"finalizers": ["a.io/b"]}}'
        )
        plane.kubectl("patch", *old, name, "--type=merge", "--patch", '{"metadata": {"finalizers": null}}')
        plane.kubectl("delete", *old, name, "--timeout=10s")
    finally:
        plane.try_kubectl("delete", "crd", old[0], "--wait=false")


def _wait_until_served(plane: ControlPlane, resource: str) -> None:
    for _ in range(100):
        if plane.try_kubectl("get", resource).returncode == 0:
            return
    pytest.fail(f"the API server never served {resource}", pytrace=False)


def _wait_until_refused(plane: ControlPlane, document: Node, namespace: str) -> None:
    """The API server takes a moment to use a changed definition."""
    for _ in range(100):
        if "use at most 37" in _create(plane, document, "--namespace", namespace, "--dry-run=server"):
            return
    pytest.fail("the API server never used the new rules", pytrace=False)
