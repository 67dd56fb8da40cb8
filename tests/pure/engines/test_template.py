"""What becomes of a pass that cannot be followed."""

from datetime import UTC, datetime

from fluid.engines.core.passes import keep_everything
from fluid.engines.core.plan import Plan, PodAnnotations
from fluid.engines.core.runtime_status import blank_status
from fluid.engines.core.snapshot import Snapshot
from fluid.models import DatasetStatus, JindoRuntime, ObjectMeta, PersistentVolumeClaim, Pod
from fluid.naming import Identity
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
