"""A profile and the runtime that overrides it: each field in the way that is declared for it."""

import pytest
from pydantic import JsonValue

from fluid.engines.kit.profiles import Overlay
from fluid.models import ThinCompTemplateSpec, ThinFuseSpec

OVERLAY = Overlay(
    added=("env",),
    merged=("options", "resources", "podMetadata"),
    keyed={"volumeMounts": "mountPath"},
    given=("enabled",),
)


def put_together(profile: dict[str, JsonValue], runtime: dict[str, JsonValue]) -> dict[str, JsonValue]:
    base, own = ThinFuseSpec.model_validate(profile), ThinFuseSpec.model_validate(runtime)
    before = base.to_wire(), own.to_wire()
    found = OVERLAY.put_together(base, own)
    assert found is not None
    assert (base.to_wire(), own.to_wire()) == before
    return found.to_wire()


A, B = {"name": "a", "value": "1"}, {"name": "a", "value": "2"}


@pytest.mark.parametrize(
    ("field", "profile", "runtime", "result"),
    [
        ("image", "p", "r", "r"),
        ("image", "p", "", "p"),
        ("args", ["p"], ["r"], ["r"]),
        ("args", ["p"], [], ["p"]),
        ("nodeSelector", {"a": "p", "b": "p"}, {"a": "r"}, {"a": "r"}),
        ("env", [A], [B], [A, B]),
        ("options", {"a": "p", "b": "p"}, {"b": "", "c": "r"}, {"a": "p", "b": "", "c": "r"}),
        (
            "resources",
            {"requests": {"cpu": "1", "memory": "1.5Gi"}},
            {"requests": {"cpu": "2"}, "limits": {"cpu": "3"}},
            {"requests": {"cpu": "2", "memory": "1.5Gi"}, "limits": {"cpu": "3"}},
        ),
        (
            "podMetadata",
            {"labels": {"a": "p", "b": "p"}},
            {"labels": {"b": "r"}, "annotations": {"c": "r"}},
            {"labels": {"a": "p", "b": "r"}, "annotations": {"c": "r"}},
        ),
        (
            "volumeMounts",
            [{"name": "p", "mountPath": "/one"}, {"name": "p", "mountPath": "/two"}],
            [{"name": "r", "mountPath": "/one"}],
            [{"name": "p", "mountPath": "/two"}, {"name": "r", "mountPath": "/one"}],
        ),
    ],
)
def test_each_field_is_put_together_in_its_own_way(
    field: str, profile: JsonValue, runtime: JsonValue, result: JsonValue
) -> None:
    assert put_together({field: profile}, {field: runtime}) == {field: result}
    assert put_together({field: profile}, {}) == {field: profile}
    assert put_together({}, {field: result}) == {field: result}


@pytest.mark.parametrize(("profile", "runtime", "enabled"), [(True, False, False), (True, None, True)])
def test_a_field_that_is_given_counts_although_it_is_false(
    profile: bool, runtime: bool | None, enabled: bool
) -> None:
    base, own = ThinCompTemplateSpec(enabled=profile), ThinCompTemplateSpec(enabled=runtime)
    found = OVERLAY.put_together(base, own)
    assert found is not None
    assert found.enabled is enabled


def test_where_one_of_both_says_nothing_the_other_counts() -> None:
    only = ThinFuseSpec(image="i")
    assert OVERLAY.put_together(None, only) is OVERLAY.put_together(only, None) is only
    nothing: ThinFuseSpec | None = None
    assert OVERLAY.put_together(nothing, nothing) is None
