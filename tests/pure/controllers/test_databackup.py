# pyright: basic
"""DataBackups under the operation reconciler, with what the Alluxio engine builds."""

import json
from functools import partial

import pytest

from fluid.controllers.operation import OperationReconciler
from fluid.engines.alluxio.registration import registration
from fluid.engines.core.registry import Registry
from fluid.models import AlluxioRuntime, DataBackup
from tests.pure.controllers.operation_support import (
    CONFIG_MAPS,
    DATASETS,
    JOBS,
    LOADS,
    NS,
    OPERATIONS,
    Cluster,
    engine,
)

pytestmark = pytest.mark.anyio
BACKUPS, ALLUXIO = "data.fluid.io/v1alpha1/databackups", "data.fluid.io/v1alpha1/alluxioruntimes"
SERVICES = "v1/services"


class Backups(Cluster):
    """A cluster with a Dataset on Alluxio."""

    def __init__(self) -> None:
        super().__init__()
        engines = {"JindoRuntime": engine(), "AlluxioRuntime": registration()}
        self.registry = Registry(engines, OPERATIONS)

    def restart(self) -> None:
        super().restart()
        context, observer = self.reconcilers[LOADS]._context, self.reconcilers[LOADS]._listening
        reconciler = OperationReconciler(context, OPERATIONS["DataBackup"], job_observer=observer)
        self.reconcilers[BACKUPS] = reconciler
        setattr(reconciler.controller(), "enqueue", partial(self._wake, BACKUPS))  # noqa: B010 - as in Cluster
        self.sources |= {
            BACKUPS: self.informer_factory.of(DataBackup),
            ALLUXIO: self.informer_factory.of(AlluxioRuntime),
            SERVICES: context.informers.services,
        }
        self.deliver()
        self.woken |= dict.fromkeys(self.operations())

    def backup(self, name: str, path: str = "pvc://backups/monday", **spec: object) -> None:
        self.put(BACKUPS, name, spec={"dataset": "models", "backupPath": path, **spec})

    def bind_alluxio(self) -> None:
        self.put(ALLUXIO, "models", spec={})
        runtimes = [{"name": "models", "namespace": NS, "category": "Accelerate", "type": "alluxio"}]
        status = {"conditions": [], "phase": "Bound", "runtimes": runtimes}
        self.put(DATASETS, "models", spec={"mounts": [{"mountPoint": "s3://b", "name": "b"}]}, status=status)


@pytest.fixture
async def cluster():
    async with Backups() as cluster:
        assert isinstance(cluster, Backups)
        cluster.bind_alluxio()
        yield cluster


async def test_a_backup_runs_with_its_service_and_ends_without_it(cluster):
    cluster.backup("monday", ttlSecondsAfterFinished=60)
    await cluster.settle()
    assert cluster.condition("monday", BACKUPS) == ("Progressing", "True", "WorkloadRunning")
    assert cluster.names(JOBS) == cluster.names(SERVICES) == ["monday-backup-job"]
    assert cluster.names(CONFIG_MAPS) == ["monday-backup-script"]
    recorded = cluster.server.get(DATASETS, NS, "models")["status"]["operationRef"]
    assert recorded == {"DataBackup": "monday"}
    assert await cluster.sweep() == []
    told = {"BackupLocationPath": "pvc://backups/monday", "BackupLocationNodeName": "NA", "Files": "6"}
    ended = {"exitCode": 0, "message": json.dumps(told)}
    cluster.pod("monday-backup-job", container="databackup", terminated=ended)
    cluster.finish("monday-backup-job")
    await cluster.settle()
    status = cluster.status("monday", BACKUPS)
    assert (status["phase"], status["infos"]) == ("Complete", told)
    assert (cluster.names(SERVICES), cluster.names(JOBS)) == ([], ["monday-backup-job"])
    assert not cluster.server.get(DATASETS, NS, "models")["status"].get("operationRef")
    cluster.wait(61)
    await cluster.settle()
    assert cluster.names(BACKUPS) == cluster.names(JOBS) == []


async def test_a_failed_backup_says_what_the_master_said(cluster):
    cluster.backup("monday")
    await cluster.settle()
    ended = {"exitCode": 1, "message": json.dumps({"Failure": "Failed to connect to master"})}
    cluster.pod("monday-backup-job", container="databackup", terminated=ended)
    cluster.finish("monday-backup-job", "Failed")
    await cluster.settle()
    [condition] = cluster.status("monday", BACKUPS)["conditions"]
    assert condition["message"].startswith("Failed to connect to master")
    assert cluster.names(SERVICES) == []


async def test_a_path_that_is_no_place_fails_and_a_corrected_one_runs(cluster):
    cluster.backup("monday", "s3://bucket")
    await cluster.settle()
    assert cluster.condition("monday", BACKUPS) == ("Failed", "True", "PathNotSupported")
    assert cluster.names(JOBS) == []
    cluster.backup("monday", "local:///var/backups")
    await cluster.settle()
    assert cluster.condition("monday", BACKUPS) == ("Progressing", "True", "WorkloadRunning")


async def test_a_deleted_backup_leaves_nothing(cluster):
    cluster.backup("monday")
    await cluster.settle()
    cluster.delete(BACKUPS, "monday")
    await cluster.settle()
    for collection in (BACKUPS, JOBS, SERVICES, CONFIG_MAPS):
        assert cluster.names(collection) == []
    assert not cluster.server.get(DATASETS, NS, "models")["status"].get("operationRef")


async def test_a_cache_that_cannot_be_saved_is_told(cluster):
    cluster.bind("hbase")
    cluster.backup("monday", dataset="hbase")
    await cluster.settle()
    assert cluster.condition("monday", BACKUPS)[2] == "DataOperationNotSupport"
