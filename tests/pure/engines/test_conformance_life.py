# pyright: basic, reportArgumentType=false, reportOptionalMemberAccess=false
"""The life that the kit plays fails of engines that never serve, never rest, or change what they refuse."""

import itertools
from dataclasses import replace

import pytest

from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.core.render import RenderedCache
from fluid.engines.testing.examples import spec_of
from fluid.engines.testing.lifecycle.caches import Answers, unknown
from fluid.engines.testing.lifecycle.machine import KEYS, Life, life
from fluid.engines.testing.suite import Subject
from fluid.engines.thin.engine import ThinEngine
from fluid.engines.thin.registration import registration
from fluid.models import ConfigMap, DaemonSet, Dataset, ThinRuntime
from tests.pure.engines.test_conformance import JINDO, THIN
from tests.pure.lifecycle.cache import answers

NUMBERS = itertools.count()


class RestlessEngine(ThinEngine):
    """Writes another number in each pass."""

    def render(self):
        note = {"restless": str(next(NUMBERS))}
        metadata = {"name": "restless", "namespace": self.snapshot.runtime.namespace, "labels": {}}
        owner = self.snapshot.owner_reference().to_wire()
        labels = {"fluid.io/managed-by": "fluid"}
        wire = {"metadata": {**metadata, "labels": labels, "ownerReferences": [owner]}, "data": note}
        return [*super().render(), ConfigMap.model_validate(wire)]


class LostEngine(ThinEngine):
    """Says that its workers are called otherwise."""

    def components(self):
        return replace(super().components(), workers="lost")


class RecklessEngine(ThinEngine):
    """Applies another template although it refuses the specs."""

    def check_runtime_healthy(self):
        live = next((one for one in self.snapshot.children if isinstance(one, DaemonSet)), None)
        if live is not None and (self.snapshot.runtime.spec.replicas or 0) > 1:
            names = {"name": live.name, "namespace": live.namespace, "labels": live.metadata.labels}
            owners = [self.snapshot.owner_reference().to_wire()]
            spec = {**live.spec.to_wire(), "minReadySeconds": 5}
            wire = {"metadata": {**names, "ownerReferences": owners}, "spec": spec}
            self.plan.children = [DaemonSet.model_validate(wire)]
        return super().check_runtime_healthy()

    def values(self):
        if (self.snapshot.runtime.spec.replicas or 0) > 1:
            raise InvalidSpec(Whose.RUNTIME, "spec.replicas", "is too many", "Take one")
        return super().values()


def of(engine: type[ThinEngine]) -> Subject:
    def make():
        def build(snapshot, results, plan, settings):
            return engine(snapshot, results, plan, settings, RenderedCache())

        return replace(registration(), build=build)

    return replace(THIN, registration=make)


def bound(subject: Subject, answers: Answers = unknown) -> Life:
    """A history in which a user wrote the specs of an example, and waited."""
    state, one = life(subject, answers)(), next(iter(subject.examples.values()))
    state.world.create(Dataset, KEYS[0], spec_of(one, Dataset))
    state.world.create(state.world.kind, KEYS[0], spec_of(one, state.world.kind))
    state.settle()
    return state


def test_an_engine_that_keeps_the_rules_is_bound_and_deleted_without_leftovers() -> None:
    bound(THIN).teardown()
    state = bound(JINDO, answers)
    assert state.bound(KEYS[0])
    state.teardown()


def test_an_engine_whose_cache_answers_nothing_is_told_which_commands() -> None:
    with pytest.raises(AssertionError, match="answers of the test do not know them"):
        bound(JINDO)


def test_an_engine_that_names_other_workloads_is_told() -> None:
    with pytest.raises(AssertionError, match=r"is not Bound although nothing is wrong|has workloads"):
        bound(of(LostEngine))


def test_an_engine_that_writes_something_else_in_each_pass_never_rests() -> None:
    with pytest.raises(AssertionError, match="each pass renders another one"):
        bound(of(RestlessEngine))


def test_an_engine_that_follows_specs_which_it_refuses_is_told() -> None:
    state = bound(of(RecklessEngine))
    spec = spec_of(THIN.examples["bucket"], ThinRuntime)
    assert isinstance(spec, dict)
    with pytest.raises(AssertionError, match="is refused, and changed what runs"):
        state.change(ThinRuntime, KEYS[0], {**spec, "replicas": 2}, "settle")
