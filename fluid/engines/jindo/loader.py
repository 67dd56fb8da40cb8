"""The Job or CronJob that loads data into a JindoCache."""

import re
from collections.abc import Mapping

from pydantic import Field

from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.core.settings import Settings
from fluid.engines.operations.dataload import LoaderValues, filled, literal, release_objects
from fluid.models import DataLoad, Dataset, JindoRuntime, TargetPath
from fluid.types import KubeObject

CHART = "fluid-dataloader/jindocache"
OPTIONS: Mapping[str, str] = {
    "loadMemorydata": "LOAD_MEMORY_DATA",
    "atomicCache": "ENABLE_ATOMIC_CACHE",
    "loadMetadataOnly": "LOAD_METADATA_ONLY",
    "cacheListReplica": "CACHE_LIST_REPLICA",
    "threadNum": "CACHE_LIST_THREAD",
    "dryrun": "DRY_RUN_ENABLE",
    "cacheListLocationEnable": "Enable_CACHE_LIST_LOCATION",
    "accessKeyId": "CACHE_LIST_ACCESSKEYID",
    "accessKeySecret": "CACHE_LIST_ACCESSKEYSECRET",
    "endpoint": "CACHE_LIST_ENDPOINT",
    "url": "CACHE_LIST_URL",
    "filter": "CACHE_FILTER",
    "forceload": "FORCE_LOAD_ENABLE",
    "checkPath": "CHECK_PATH",
}
"""Which environment variable tells the script of an option."""


class LoadValues(LoaderValues):
    """All values of the chart `fluid-dataloader/jindocache`."""

    target_dataset: str = "jindo"
    owner_dataset_id: str = "default-jindo"
    image: str = "registry.cn-shanghai.aliyuncs.com/jindofs/smartdata:6.2.0"
    targets: list[TargetPath] = Field(default_factory=list[TargetPath])
    env: dict[str, str] = Field(default_factory=dict[str, str])
    hdfs_config: str = ""


def load_objects(
    dataload: DataLoad, dataset: Dataset, runtime: JindoRuntime, image: str, settings: Settings
) -> list[KubeObject]:
    """The ConfigMap with the scripts, and the Job or CronJob.

    Args:
        dataload: What is to be loaded.
        dataset: Its Dataset.
        runtime: The Dataset's runtime.
        image: Image of the runtime's masters and workers, with its tag.
        settings: What the administrator set.

    Raises:
        InvalidSpec: The runtime has no cache, or a path cannot be written down.
    """
    if not (runtime.spec.tieredstore and runtime.spec.tieredstore.levels):
        raise InvalidSpec(
            NamedObject.of(runtime), "spec.tieredstore", "has no level to load data into", "Add a level"
        )
    targets = dataload.spec.target or [TargetPath(path="/")]
    values = LoadValues(
        targets=targets,
        env=_environment(dataload, runtime, targets),
        hdfs_config=(dataload.spec.options or {}).get("hdfsConfig") or runtime.spec.hadoop_config or "",
    )
    return release_objects(CHART, filled(values, dataload, dataset, image, settings), dataload)


def _environment(dataload: DataLoad, runtime: JindoRuntime, targets: list[TargetPath]) -> dict[str, str]:
    levels = (runtime.spec.tieredstore.levels if runtime.spec.tieredstore else None) or []
    in_memory = "true" if levels and levels[0].mediumtype == "MEM" else "false"
    replicas = [str(target.replicas or 1) for target in targets]
    values = {
        "NEED_LOAD_METADATA": "true" if dataload.spec.load_metadata else "false",
        "LOAD_MEMORY_DATA": in_memory,
        "DATA_PATH": ":".join(re.sub(r"\s", "", target.path) for target in targets),
        "PATH_REPLICAS": ":".join(replicas),
    }
    for option, value in (dataload.spec.options or {}).items():
        if option in OPTIONS:
            values[OPTIONS[option]] = value
    for index, (target, count) in enumerate(zip(targets, replicas, strict=True)):
        values[f"DATA_PATH_{index}"] = target.path
        values[f"PATH_REPLICAS_{index}"] = count
    return {name: literal(value) for name, value in values.items()}
