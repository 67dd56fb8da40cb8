"""Which controllers a process runs, by its options; what each of them is told."""

from collections.abc import Sequence

import anyio
import pytest
from structlog.testing import capture_logs

from fluid.controllers import dataset, nodes, operation
from fluid.kube.controller import Controller
from fluid.operator.options import Options
from fluid.operator.process import Process
from tests.harness.server import FakeServer

pytestmark = pytest.mark.anyio


async def controllers_of(*names: str, workers: int = 16) -> set[str]:
    """The controllers that a process starts with, as its log names them."""
    options = Options(controllers=names, workers=workers, metrics_address="none", health_address="none")
    with capture_logs() as lines:
        async with FakeServer().connect() as connection, anyio.create_task_group() as group:
            process = Process(connection, options, {})
            group.start_soon(process.run)
            await process.context.informer_factory.synced()
            process.manager.stop()
    return {line["controller"] for line in lines if line["event"] == "controller started"}


@pytest.mark.parametrize(
    ("hosted", "expected"),
    [
        ((), {"dataset", "databackup", "dataload", "datamigrate", "dataprocess", "nodes"}),
        (("dataset",), {"dataset", "scale"}),
        (("dataload",), {"dataload"}),
        (("datamigrate",), {"datamigrate"}),
        (("dataprocess",), {"dataprocess"}),
        (("jindoruntime",), {"nodes"}),
        (("dataset", "jindoruntime"), {"dataset", "nodes", "scale"}),
        (
            ("dataset", "alluxioruntime", "jindoruntime", "juicefsruntime", "thinruntime"),
            {"dataset", "nodes"},
        ),
    ],
)
async def test_deployments_are_scaled_by_the_dataset_process_for_kinds_that_it_does_not_host(
    hosted: Sequence[str], expected: set[str]
) -> None:
    assert await controllers_of(*hosted) == expected


async def test_every_controller_gets_the_number_of_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, object] = {}

    class Noted(Controller):
        """Remembers how many workers it was given."""

        def __init__(self, name: str, *arguments: object, **options: object) -> None:
            told[name] = options.get("workers")
            super().__init__(name, *arguments, **options)  # type: ignore[reportArgumentType] - passed on

    for module in (dataset, nodes, operation):
        monkeypatch.setattr(module, "Controller", Noted)
    await controllers_of(workers=3)
    assert told == dict.fromkeys(
        ["dataset", "nodes", "databackup", "dataload", "datamigrate", "dataprocess"], 3
    )
