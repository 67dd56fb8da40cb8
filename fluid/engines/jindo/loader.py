"""The Job or CronJob that loads data into a JindoCache."""

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from fluid.charts import ChartValues, Release, load_chart
from fluid.engines.errors import InvalidSpec
from fluid.engines.settings import Settings
from fluid.engines.texts import refuse_impossible
from fluid.models import (
    Affinity,
    DataLoad,
    Dataset,
    JindoRuntime,
    LocalObjectReference,
    OwnerReference,
    PodMetadata,
    ResourceRequirements,
    TargetPath,
    Toleration,
)
from fluid.naming import DATAFLOW_LABELS, DATASET_ID, default_dataset_id
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
}
"""Which environment variable tells the script of an option."""
_EXPANDED = re.compile(r"\$\$|\$\([A-Za-z_][A-Za-z0-9_]*\)")


class LoadValues(ChartValues):
    """All values of the chart `fluid-dataloader/jindocache`."""

    name: str = "load"
    target_dataset: str = "jindo"
    owner_dataset_id: str = "default-jindo"
    policy: Literal["Once", "Cron"] = "Once"
    schedule: str = ""
    image: str = "registry.cn-shanghai.aliyuncs.com/jindofs/smartdata:6.2.0"
    image_pull_secrets: list[LocalObjectReference] = Field(default_factory=list[LocalObjectReference])
    targets: list[TargetPath] = Field(default_factory=list[TargetPath])
    env: dict[str, str] = Field(default_factory=dict[str, str])
    hdfs_config: str = ""
    labels: dict[str, str] = Field(default_factory=dict[str, str])
    annotations: dict[str, str] = Field(default_factory=dict[str, str])
    scheduler_name: str = ""
    node_selector: dict[str, str] = Field(default_factory=dict[str, str])
    affinity: Affinity | None = None
    tolerations: list[Toleration] = Field(default_factory=list[Toleration])
    resources: ResourceRequirements | None = None


def release_name(dataload: str) -> str:
    """Name of a DataLoad's release."""
    return f"{dataload}-loader"


def workload_name(dataload: str) -> str:
    """Name of a DataLoad's Job or CronJob."""
    return f"{release_name(dataload)}-job"


def load_objects(
    dataload: DataLoad,
    dataset: Dataset,
    runtime: JindoRuntime,
    image: str,
    settings: Settings,
    *,
    owner: OwnerReference | None = None,
    affinity: Affinity | None = None,
) -> list[KubeObject]:
    """The ConfigMap with the scripts, and the Job or CronJob.

    Args:
        dataload: What is to be loaded.
        dataset: Its Dataset.
        runtime: The Dataset's runtime.
        image: Image of the runtime's masters and workers, with its tag.
        settings: What the administrator set.
        owner: Controller reference to the DataLoad; None where there is no cluster.
        affinity: Affinity inherited from another operation; the DataLoad's own where None.

    Raises:
        InvalidSpec: The runtime has no cache, or a path cannot be written down.
    """
    values = load_values(dataload, dataset, runtime, image, settings, affinity=affinity)
    release = Release(release_name(dataload.name), dataload.namespace)
    objects = load_chart(CHART).render(values, release)
    if owner is not None:
        for item in objects:
            item.metadata.owner_references = [owner]
    return objects


def load_values(
    dataload: DataLoad,
    dataset: Dataset,
    runtime: JindoRuntime,
    image: str,
    settings: Settings,
    *,
    affinity: Affinity | None = None,
) -> LoadValues:
    """The chart's values; see `load_objects`."""
    _refuse(dataload, runtime)
    spec, metadata = dataload.spec, dataload.spec.pod_metadata or PodMetadata()
    recorded = (dataset.metadata.labels or {}).get(DATASET_ID)
    targets = spec.target or [TargetPath(path="/")]
    return LoadValues(
        name=dataload.name,
        target_dataset=dataset.name,
        owner_dataset_id=recorded or default_dataset_id(dataset.namespace, dataset.name, dataset.uid),
        policy="Cron" if spec.policy == "Cron" else "Once",
        schedule=spec.schedule or "",
        image=image,
        image_pull_secrets=[LocalObjectReference(name=name) for name in settings.image_pull_secrets],
        targets=targets,
        env=_environment(dataload, runtime, targets),
        hdfs_config=(spec.options or {}).get("hdfsConfig") or runtime.spec.hadoop_config or "",
        labels=metadata.labels or {},
        annotations={**(metadata.annotations or {}), **_dataflow_labels(dataload)},
        scheduler_name=spec.scheduler_name or "",
        node_selector=spec.node_selector or {},
        affinity=affinity or spec.affinity,
        tolerations=spec.tolerations or [],
        resources=spec.resources,
    )


def _dataflow_labels(dataload: DataLoad) -> dict[str, str]:
    """The annotation that says which node labels of the finished pod its followers may ask for."""
    wanted = (dataload.metadata.annotations or {}).get(DATAFLOW_LABELS)
    return {} if wanted is None else {DATAFLOW_LABELS: wanted}


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


def literal(value: str) -> str:
    """The text as a container's environment has to spell it: the kubelet expands `$(NAME)`, halves `$$`."""
    return value.replace("$", "$$") if _EXPANDED.search(value) else value


def _refuse(dataload: DataLoad, runtime: JindoRuntime) -> None:
    if not (runtime.spec.tieredstore and runtime.spec.tieredstore.levels):
        raise InvalidSpec(
            f"JindoRuntime {runtime.key} spec.tieredstore", "has no level to load data into", "Add a level"
        )
    if dataload.spec.policy == "Cron" and not (dataload.spec.schedule or "").strip():
        raise InvalidSpec("spec.schedule", "is missing for policy Cron", "Set a schedule such as '0 2 * * *'")
    refuse_impossible("DataLoad", dataload.spec)
