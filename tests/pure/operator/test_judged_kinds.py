# pyright: reportIncompatibleVariableOverride=false
"""What runtime policies judge of a kind is found in its model, wherever it stands."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, Literal

import pytest
from pydantic import Field

from fluid.engines.core.demands import (
    CRITICAL,
    HOST_NETWORK,
    HOST_PID,
    IMAGES,
    OVERRIDDEN,
    PATHS,
    PRIVILEGED,
    Demands,
)
from fluid.engines.core.registry import Registry
from fluid.engines.core.runtime_policy import read_policies
from fluid.engines.core.settings import Settings
from fluid.engines.core.spec_demands import operation_demands, runtime_demands
from fluid.models import (
    Container,
    HostPathVolumeSource,
    PodTemplateSpec,
    RuntimeStatus,
    TieredStore,
    ValidatingAdmissionPolicy,
    Volume,
)
from fluid.operator.admission import admission_objects
from fluid.operator.demands import judged_kinds
from fluid.types import KubeModel, KubeObject, ObjectMeta, Resource


class Client(KubeModel):
    image: str | None = None
    network_mode: str | None = None


class Worker(KubeModel):
    template: PodTemplateSpec | None = None
    clients: list[Client] | None = None
    side_cars: list[Container] | None = None


class CellarSpec(KubeModel):
    profile_name: str | None = None
    image: str | None = None
    worker: Worker = Field(default_factory=Worker)
    gate_way: Client | None = None
    store: TieredStore | None = None
    volumes: list[Volume] | None = None
    disk: HostPathVolumeSource | None = None


class CellarRuntime(KubeObject):
    resource: ClassVar[Resource] = Resource("cache.example.com", "v2", "CellarRuntime", "cellarruntimes")
    api_version: Literal["cache.example.com/v2"] = "cache.example.com/v2"
    kind: Literal["CellarRuntime"] = "CellarRuntime"
    metadata: ObjectMeta
    spec: CellarSpec
    status: RuntimeStatus | None = None


class Bare(KubeObject):
    resource: ClassVar[Resource] = Resource("cache.example.com", "v2", "Bare", "bares")
    metadata: ObjectMeta


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("components", ["?object.?spec,", "?object.?spec.?gateWay", "object.?spec.?worker.?clients.orValue"]),
        ("containers", ["?worker.?sideCars", "variables.pod.?containers", "variables.pod.?initContainers"]),
        (IMAGES, ["variables.components", "variables.containers", "object.?spec.?volumes", "pod.?volumes"]),
        (PATHS, ["?volumes.orValue", "?store.?levels", "?disk.?path", "variables.pod.?volumes"]),
        (HOST_PID, ["fuse.hostpid", "variables.pod.?hostPID"]),
        (HOST_NETWORK, ["?gateWay.?networkMode.orValue('') == 'HostNetwork'", "pod.?hostNetwork"]),
        (CRITICAL, ["variables.pod.?priorityClassName"]),
        (OVERRIDDEN, ["has(one.command)) ? ['command']", "?volumes.hasValue() ? ['volumes']"]),
        ("pod", ["object.?spec.?worker.?template.?spec.orValue({})"]),
    ],
)
def test_each_part_of_a_spec_that_demands_something_is_found(name: str, places: list[str]) -> None:
    expression = runtime_demands(CellarRuntime, profiled=True).variables[name]
    for place in places:
        assert place in expression


def test_privileges_in_a_runtimes_spec_are_left_to_the_operator_as_clients_need_them() -> None:
    assert "pod" not in runtime_demands(CellarRuntime, profiled=False).variables[PRIVILEGED]
    assert "variables.containers.exists" in operation_demands(CellarRuntime).variables[PRIVILEGED]


def test_a_kind_without_such_parts_demands_nothing() -> None:
    assert operation_demands(Bare).variables == {}
    assert OVERRIDDEN not in runtime_demands(CellarRuntime, profiled=False).variables


def defined_before_use(policy: ValidatingAdmissionPolicy) -> bool:
    spec = policy.spec
    assert spec is not None
    known: set[str] = set()
    for one in spec.variables or ():
        if not {*re.findall(r"variables\.(\w+)", one.expression)} <= known:
            return False
        known.add(one.name)
    said = [one.expression + (one.message_expression or "") for one in spec.validations or ()]
    return {*re.findall(r"variables\.(\w+)", " ".join(said))} <= known


def with_cellar(change: Callable[[Demands], Demands] = lambda one: one) -> Registry:
    found = Registry.discover()
    engine = found.engines["ThinRuntime"]
    cellar = replace(engine, kind=CellarRuntime, runtime_type="cellar", demands=change(Demands()))  # type: ignore[arg-type]
    return replace(found, engines={**found.engines, "CellarRuntime": cellar})


def test_a_kind_of_another_group_has_a_policy_that_is_about_its_resource_and_version() -> None:
    policies = read_policies("policies: [{name: tenants, requiredProfile: true}]")
    name = "fluid-runtime-policy-tenants-cellarruntimes.cache.example.com"
    made = [one for one in admission_objects(policies, Settings(), with_cellar()) if one.name == name]
    policy = next(one for one in made if isinstance(one, ValidatingAdmissionPolicy))
    assert policy.spec is not None
    assert policy.spec.match_constraints is not None
    [rule] = policy.spec.match_constraints.resource_rules or []
    assert (rule.api_groups, rule.api_versions) == (["cache.example.com"], ["v2"])
    assert rule.resources == ["cellarruntimes"]


def test_the_empty_runtime_that_the_operator_puts_beside_a_reference_passes_every_policy() -> None:
    policies = read_policies("policies: [{name: tenants, requiredProfile: true, hostNetwork: false}]")
    made = admission_objects(policies, Settings(), Registry.discover())
    judged = [one for one in made if isinstance(one, ValidatingAdmissionPolicy)]
    passing = [
        one.name
        for one in judged
        for condition in (one.spec and one.spec.match_conditions) or []
        if condition.expression == "size(dyn(object).?spec.orValue({})) != 0"
    ]
    assert passing == ["fluid-runtime-policy-tenants-thinruntimes"], "the kinds that carry references alone"


def test_no_expression_reads_a_variable_that_is_not_defined_before() -> None:
    policies = read_policies("policies: [{name: tenants, requiredProfile: true}]")
    made = admission_objects(policies, Settings(), with_cellar())
    judged = [one for one in made if isinstance(one, ValidatingAdmissionPolicy)]
    assert len(judged) == len(Registry.discover().engines) + len(Registry.discover().operations) + 2
    assert [one.name for one in judged if not defined_before_use(one)] == []


def test_a_registration_replaces_what_is_found_and_adds_annotations() -> None:
    registry = with_cellar(lambda _: Demands({IMAGES: "[]", "other": "1"}, ("cache.example.com/root",)))
    found = next(one for one in judged_kinds(registry) if one.resource.kind == "CellarRuntime")
    assert (found.demands.variables[IMAGES], found.demands.variables["other"]) == ("[]", "1")
    assert "cache.example.com/root" in found.changed
    assert "fuse.hostpid" in found.changed


@pytest.mark.parametrize(
    ("kind", "name", "part"),
    [
        ("JindoRuntime", HOST_NETWORK, "networkmode.orValue('') != 'ContainerNetwork'"),
        ("JindoRuntime", PRIVILEGED, "runtime-rpc-protocol"),
        ("ThinRuntime", HOST_NETWORK, "?profileName.orValue('') == ''"),
        ("DataLoad", IMAGES, "?options[?'image']"),
        ("DataProcess", PRIVILEGED, "variables.pod.?hostIPC"),
    ],
)
def test_what_only_the_code_of_a_shipped_kind_knows_is_judged(kind: str, name: str, part: str) -> None:
    found = next(one for one in judged_kinds(Registry.discover()) if one.resource.kind == kind)
    assert part in found.demands.variables[name]
