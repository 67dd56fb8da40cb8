"""What type checkers make of the SDK: read by pyright (`make types`), never run."""

from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any, assert_type

from fluid import (
    AsyncClient,
    AsyncResources,
    Client,
    DataLoad,
    DataProcess,
    Dataset,
    DatasetNotBound,
    JindoRuntime,
    JuiceFSRuntime,
    KubeError,
    Quantity,
    Resources,
    ThinRuntime,
    WatchEvent,
    juicefs,
    s3,
    script,
    source,
    tier,
)
from fluid.models import DatasetStatus, Level, Mount, PersistentVolumeClaim, ScriptProcessor


def builders() -> None:
    assert_type(s3("bucket", secret="s", path="/", read_only=True), Mount)
    assert_type(tier("MEM", Quantity("1Gi"), high=0.95), Level)
    assert_type(Dataset.of("hbase", s3("bucket"), access_modes=["ReadOnlyMany"]), Dataset)
    assert_type(JindoRuntime.of("hbase", tier("MEM", "1Gi"), replicas=2), JindoRuntime)
    assert_type(source("sftp:///home", name="home"), Mount)
    assert_type(juicefs("photos", "raw", secret="keys"), Mount)
    assert_type(JuiceFSRuntime.of("hbase", tier("SSD", "1Gi", "/a"), options={"a": "b"}), JuiceFSRuntime)
    assert_type(ThinRuntime.of("hbase", "rclone", options={"transfers": "8"}), ThinRuntime)
    assert_type(DataLoad.of("warm", "hbase", "/a"), DataLoad)
    assert_type(script("true", "busybox"), ScriptProcessor)
    assert_type(DataProcess.of("count", "hbase", "/data", script("true", "busybox")), DataProcess)
    s3("bucket", pth="/")  # pyright: ignore[reportCallIssue]  - the point of the test
    tier("RAM", "1Gi")  # pyright: ignore[reportArgumentType]  - the point of the test
    Dataset.of("hbase", "s3://bucket")  # pyright: ignore[reportArgumentType]  - the point of the test


def blocking(client: Client, dataset: Dataset) -> None:
    assert_type(dataset.apply(client), Dataset)
    assert_type(Dataset.of("hbase", s3("bucket")).apply(client, force=True), Dataset)
    assert_type(client.datasets, Resources[Dataset])
    assert_type(client.datasets.apply(dataset, dry_run=True), Dataset)
    assert_type(client.datasets.get("hbase", namespace="default"), Dataset)
    assert_type(client.datasets.get("hbase").status, DatasetStatus | None)
    assert_type(client.data_loads.find("warm"), DataLoad | None)
    assert_type(client.jindo_runtimes.list(labels="a=b"), list[JindoRuntime])
    assert_type(client.jindo_runtimes.scale("hbase", 3), None)
    assert_type(client.juicefs_runtimes.get("hbase"), JuiceFSRuntime)
    assert_type(client.thin_runtimes.get("hbase"), ThinRuntime)
    assert_type(client.kind(PersistentVolumeClaim).get("hbase"), PersistentVolumeClaim)
    assert_type(client.wait_bound("hbase", timeout=60), Dataset)
    assert_type(client.wait_complete("warm", progress=print), DataLoad)
    assert_type(client.wait_processed("count", progress=print), DataProcess)
    assert_type(client.data_processes.find("count"), DataProcess | None)
    assert_type(client.wait_deleted(dataset), None)
    with client.datasets.watch(all_namespaces=True) as events:
        assert_type(events, Iterator[WatchEvent[Dataset]])
        for event in events:
            assert_type(event.object, Dataset)
    client.datasets.get(3)  # pyright: ignore[reportArgumentType]  - the point of the test
    client.datasets.get("hbase", nmespace="x")  # pyright: ignore[reportCallIssue]  - the point of the test


async def awaited(client: AsyncClient, dataset: Dataset) -> None:
    assert_type(await dataset.apply(client), Dataset)
    later: Coroutine[Any, Any, Dataset] = assert_type(dataset.apply(client), Coroutine[Any, Any, Dataset])
    await later
    assert_type(client.datasets, AsyncResources[Dataset])
    assert_type(await client.datasets.apply(dataset), Dataset)
    assert_type(await client.datasets.get("hbase"), Dataset)
    assert_type(await client.data_loads.find("warm"), DataLoad | None)
    assert_type(await client.jindo_runtimes.list(), list[JindoRuntime])
    assert_type(await client.kind(PersistentVolumeClaim).list(), list[PersistentVolumeClaim])
    assert_type(await client.wait_processed("count"), DataProcess)
    assert_type(await client.wait_bound("hbase", "default", 60), Dataset)
    assert_type(client.datasets.watch(), AbstractAsyncContextManager[AsyncIterator[WatchEvent[Dataset]]])
    async with client.datasets.watch(labels="a=b") as events:
        async for event in events:
            assert_type(event, WatchEvent[Dataset])


def errors(problem: DatasetNotBound, refusal: KubeError) -> None:
    assert_type(problem.timed_out, bool)
    assert_type(refusal.message, str)
