# pyright: reportIncompatibleVariableOverride=false
"""A kind whose schema requires a spec: statuses are written, and objects that cannot be read are deleted."""

from typing import ClassVar, Literal

import pytest

from fluid.controllers.plan_applier import PlanApplier
from fluid.engines.core.runtime_status import blank_status
from fluid.kube import Entry
from fluid.models import ObjectMeta, RuntimeStatus
from fluid.types import KubeModel, KubeObject, Resource
from tests.harness.server import FakeServer
from tests.pure.controllers.dataset_support import bench

pytestmark = pytest.mark.anyio
STRICT = "data.fluid.io/v1alpha1/strictruntimes"


class StrictSpec(KubeModel):
    """A spec with a field that has to be there, and one that need not."""

    bucket: str
    replicas: int = 1


class StrictRuntime(KubeObject):
    """A kind whose spec has to be there."""

    resource: ClassVar[Resource] = Resource("data.fluid.io", "v1alpha1", "StrictRuntime", "strictruntimes")
    api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
    kind: Literal["StrictRuntime"] = "StrictRuntime"
    metadata: ObjectMeta
    spec: StrictSpec
    status: RuntimeStatus | None = None


async def test_its_status_is_written_and_its_spec_is_left_alone() -> None:
    server = FakeServer()
    metadata = {"name": "x", "namespace": "default"}
    server.put(STRICT, {"kind": "StrictRuntime", "metadata": metadata, "spec": {"bucket": "b"}})
    runtime = StrictRuntime.model_validate(server.get(STRICT, "default", "x"))
    wanted = blank_status()
    wanted.value_file = "x-values"
    async with bench(server) as one:
        applier = PlanApplier(one.context.informer_factory, one.context.informers, one.context.recorder)
        await applier.write_runtime_status(runtime, None, wanted)
    written = server.get(STRICT, "default", "x") or {}
    assert written["status"]["valueFile"] == "x-values"
    assert written["spec"] == {"bucket": "b"}


def test_one_that_cannot_be_read_can_be_deleted() -> None:
    raw = {"metadata": {"name": "x", "namespace": "default", "uid": "u"}, "spec": {"bucket": 7}}
    bare = Entry(StrictRuntime, raw).bare()
    assert (bare.name, bare.uid) == ("x", "u")
    assert bare.spec.replicas == 1
