"""Which kinds are installed: what distributions announce, and what is left out of it."""

import sys
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from fluid.kinds.installed import GROUP, Kinds, installed, read_kinds
from fluid.kinds.record import OperationKind, RuntimeKind
from fluid.models import (
    AlluxioRuntime,
    DataLoad,
    Dataset,
    JindoRuntime,
    JuiceFSRuntime,
    ThinRuntime,
    ThinRuntimeProfile,
)

TOY = """
from typing import ClassVar
from fluid.models import ConfigMap, JindoRuntime, StatefulSet
from fluid.types import Resource

class Toy(JindoRuntime):
    resource: ClassVar[Resource] = Resource("data.fluid.io", "v1alpha1", "ToyRuntime", "toyruntimes")

class Budget(ConfigMap):
    resource: ClassVar[Resource] = Resource("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets")

class Other(StatefulSet):
    pass
"""


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module with models of somebody else."""
    (tmp_path / "some_toys.py").write_text(TOY)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "some_toys", raising=False)
    return "some_toys"


def read(announced: Mapping[str, str]) -> Kinds:
    return read_kinds([EntryPoint(name, value, GROUP) for name, value in announced.items()])


def test_what_is_shipped_is_announced_like_anything_else() -> None:
    kinds = installed()
    assert {(one.runtime_type, one.model) for one in kinds.runtimes} == {
        ("alluxio", AlluxioRuntime),
        ("jindo", JindoRuntime),
        ("juicefs", JuiceFSRuntime),
        ("thin", ThinRuntime),
    }
    assert {one.model.resource.plural for one in kinds.operations} == {
        "databackups",
        "dataloads",
        "datamigrates",
        "dataprocesses",
    }
    assert kinds.problems == ()
    thin = kinds.of_type("thin")
    assert thin is not None
    assert thin.profile is ThinRuntimeProfile
    assert kinds.named("datasets") is kinds.named("Dataset") is Dataset
    assert kinds.named("unknown") is kinds.of_type("unknown") is None


def test_a_model_alone_is_told_from_its_status(toys: str) -> None:
    kinds = read({"toy": f"{toys}:Toy", "load": "fluid.models:DataLoad", "budget": f"{toys}:Budget"})
    (runtime,) = kinds.runtimes
    assert (runtime.runtime_type, runtime.model.resource.kind) == ("toy", "ToyRuntime")
    assert kinds.operations == (OperationKind(DataLoad),)
    assert kinds.named("poddisruptionbudgets") is kinds.models["policy/v1", "PodDisruptionBudget"]
    assert kinds.of_model(runtime.model) is runtime


def test_two_that_bring_one_kind_are_both_left_out_and_others_stay(toys: str) -> None:
    kinds = read({"a": f"{toys}:Toy", "b": f"{toys}:Toy", "load": "fluid.models:DataLoad"})
    assert (kinds.runtimes, kinds.operations) == ((), (OperationKind(DataLoad),))
    assert [one.name for one in kinds.problems] == ["ToyRuntime"]
    assert "entry point a of fluid.kinds" in kinds.problems[0].reason
    assert "entry point b of fluid.kinds" in kinds.problems[0].reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("not_there:KIND", "ModuleNotFoundError: No module named 'not_there'"),
        ("fluid.models:__name__", "is neither a model nor a record"),
        (
            "some_toys:Other",
            "StatefulSet of an unknown distribution (entry point bad of fluid.kinds) is a kind",
        ),
    ],
)
@pytest.mark.usefixtures("toys")
def test_what_cannot_be_used_is_told_with_its_cause_and_harms_no_other(value: str, reason: str) -> None:
    kinds = read({"bad": value, "jindo": "fluid.models:JindoRuntime"})
    assert kinds.runtimes == (RuntimeKind(JindoRuntime),)
    assert reason in kinds.problems[0].reason
    assert kinds.named("StatefulSet") is installed().named("StatefulSet")
