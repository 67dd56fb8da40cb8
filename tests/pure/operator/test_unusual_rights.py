"""Rights that a registration brings, in whatever way, and that nothing of Fluid has."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from fluid.engines.core.query import Query
from fluid.engines.core.registration import Reference
from fluid.engines.core.registry import Registry
from fluid.models import PolicyRule
from fluid.operator.rbac import operator_rules, unusual_rights
from fluid.types import KubeObject, ObjectMeta, Resource

INSTALLED = Registry.discover()
ENGINE, OPERATION = INSTALLED.engines["JindoRuntime"], INSTALLED.operations["DataLoad"]
OF_ENGINE = "the engine of JindoRuntime asks for rights that Fluid does without: "
OF_OPERATION = "the data operation DataLoad asks for rights that Fluid does without: "


class Secret(KubeObject):
    """What nobody of Fluid reads."""

    resource: ClassVar[Resource] = Resource("", "v1", "Secret", "secrets")
    api_version: str = "v1"
    kind: str = "Secret"
    metadata: ObjectMeta


@dataclass(frozen=True)
class Peek(Query[str]):
    """A query of the engine."""


def engine(**more: Any) -> Registry:
    return Registry({"JindoRuntime": replace(ENGINE, **more)}, INSTALLED.operations)


def on(*resources: str, verb: str = "get", group: str = "") -> PolicyRule:
    return PolicyRule(api_groups=[group], resources=[*resources], verbs=[verb])


def asking(*rules: PolicyRule) -> Registry:
    return engine(rules=rules)


async def peek(*_: object) -> str:
    return ""


WAYS: dict[str, tuple[Callable[[], Registry], str]] = {
    "rules": (lambda: asking(on("secrets")), f"{OF_ENGINE}secrets"),
    "several rules": (
        lambda: asking(on("secrets"), on("nodes", verb="bind")),
        f"{OF_ENGINE}bind, secrets",
    ),
    "a query": (
        lambda: engine(queries=[Peek.answered_by(peek, [on("secrets")])]),
        f"{OF_ENGINE}secrets",
    ),
    "a child": (lambda: engine(children=[Secret]), f"{OF_ENGINE}secrets"),
    "a reference": (
        lambda: engine(references=[Reference(Secret, lambda _: ())]),
        f"{OF_ENGINE}secrets",
    ),
    "a workload of an operation": (
        lambda: Registry(INSTALLED.engines, {"DataLoad": replace(OPERATION, workloads=[Secret])}),
        f"{OF_OPERATION}secrets",
    ),
    "tokens": (lambda: asking(on("serviceaccounts/token")), f"{OF_ENGINE}serviceaccounts/token"),
    "kubelets": (lambda: asking(on("nodes/proxy")), f"{OF_ENGINE}nodes/proxy"),
    "all of Secrets": (lambda: asking(on("secrets/*")), f"{OF_ENGINE}secrets/*"),
    "all subresources": (lambda: asking(on("*/status")), f"{OF_ENGINE}*/status"),
    "all groups": (lambda: asking(on("things", group="*")), f"{OF_ENGINE}*"),
    "all URLs": (
        lambda: asking(PolicyRule(non_resource_ur_ls=["/*"], verbs=["get"])),
        f"{OF_ENGINE}/*",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_unusual_right_is_told_whatever_brings_it(way: str) -> None:
    registry, told = WAYS[way]
    assert [*unusual_rights(registry())] == [told]
    assert operator_rules(registry()) != operator_rules(INSTALLED), "the operator gets the right"


def test_what_is_shipped_and_ordinary_rights_are_not_told() -> None:
    assert [*unusual_rights(INSTALLED)] == []
    ordinary = [on("ingresses", group="networking.k8s.io"), on("pods/log")]
    assert [*unusual_rights(asking(*ordinary))] == []
    some = PolicyRule(non_resource_ur_ls=["/metrics"], verbs=["get"])
    assert [*unusual_rights(asking(some))] == []
