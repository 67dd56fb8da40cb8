"""What becomes of a pass that cannot be followed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fluid.engines.core.errors import InvalidSpec, NamedObject, Subject, Whose
from fluid.engines.core.passes import decide, keep_everything
from fluid.engines.core.plan import Plan, PodAnnotations
from fluid.engines.core.queries import Results
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.runtime_status import blank_status
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import Snapshot
from fluid.engines.jindo.engine import JindoEngine
from fluid.engines.jindo.registration import registration
from fluid.models import DatasetStatus, JindoRuntime, ObjectMeta, PersistentVolumeClaim, Pod
from fluid.naming import Identity
from fluid.types import Key
from tests.pure.jindo.support import Case

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_pass_that_is_cut_short_touches_nothing() -> None:
    fuses, claim = Case().fuse, PersistentVolumeClaim(metadata=ObjectMeta(name="hbase", namespace="default"))
    pod = Pod(metadata=ObjectMeta(name="hbase-fuse-x", namespace="default"))
    snapshot: Snapshot[JindoRuntime] = Snapshot(
        Case().models[0], None, Identity.of("default", "hbase", "uid-1"), NOW, children=[fuses]
    )
    plan = Plan(
        blank_status(),
        DatasetStatus(conditions=[]),
        children=[fuses],
        annotate_pods=[PodAnnotations(pod, {})],
    )
    plan.create, plan.delete, plan.remove_finalizers = [claim], [claim], [claim]
    keep_everything(snapshot, plan)
    assert [plan.children, plan.create, plan.delete, plan.remove_finalizers, plan.annotate_pods] == [[]] * 5
    assert plan.keep == {("DaemonSet", fuses.name)}


def refusing(error: InvalidSpec) -> EngineRegistration[JindoRuntime]:
    """An engine that turns every spec down."""
    engine = registration()

    def build(*arguments: object) -> JindoEngine:
        steps = engine.build(*arguments)  # pyright: ignore[reportArgumentType] - handed on as they came
        assert isinstance(steps, JindoEngine)

        def validate() -> None:
            raise error

        steps.validate = validate
        return steps

    return replace(engine, build=build)


@pytest.mark.parametrize(
    ("subject", "named"),
    [
        (Whose.DATASET, "Dataset default/hbase "),
        (Whose.RUNTIME, "JindoRuntime default/hbase "),
        (Whose.OPERATOR, ""),
        (Whose.RUNTIME_OR_PROFILE, ""),
        (NamedObject("ThinRuntimeProfile", Key("", "client")), "ThinRuntimeProfile client "),
    ],
)
@pytest.mark.parametrize("field", ["spec.mounts[0]", "spec.tieredstore", "metadata.annotations[a]", "feld"])
def test_the_object_whose_field_is_wrong_is_named_whatever_the_field_is_called(
    subject: Subject, named: str, field: str
) -> None:
    runtime, dataset = Case().models
    snapshot = Snapshot(runtime, dataset, Case().identity, NOW)
    engine = refusing(InvalidSpec(subject, field, "is wrong", "Correct it"))
    plan = decide(engine, snapshot, None, Results(), Settings())
    assert plan.waiting is not None
    assert plan.waiting.message == f"{named}{field}: is wrong. Correct it"
