"""The Job or CronJob that loads data into a JindoCache."""

import re

from pydantic import Field

from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.core.settings import Settings
from fluid.engines.jindo.shape import reported_medium
from fluid.engines.kit.tiers import levels_of
from fluid.engines.operations.dataload import LoaderValues, filled, literal, release_objects
from fluid.models import DataLoad, Dataset, JindoRuntime, TargetPath
from fluid.types import KubeObject

CHART = "fluid-dataloader/jindocache"


class LoadValues(LoaderValues):
    """All values of the chart `fluid-dataloader/jindocache`."""

    target_dataset: str = "jindo"
    owner_dataset_id: str = "default-jindo"
    image: str = "registry.cn-shanghai.aliyuncs.com/jindofs/smartdata:6.2.0"
    targets: list[TargetPath] = Field(default_factory=list[TargetPath])
    options: dict[str, str] = Field(default_factory=dict[str, str])
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
    if not levels_of(runtime.spec.tieredstore):
        problem = "has no level to load data into"
        raise InvalidSpec(NamedObject.of(runtime), "spec.tieredstore", problem, "Add a level")
    targets, options = dataload.spec.target or [TargetPath(path="/")], dataload.spec.options or {}
    values = LoadValues(
        targets=targets,
        options={name: literal(value) for name, value in options.items()},
        env={name: literal(value) for name, value in _environment(dataload, runtime, targets).items()},
        hdfs_config=options.get("hdfsConfig") or runtime.spec.hadoop_config or "",
    )
    return release_objects(CHART, filled(values, dataload, dataset, image, settings), dataload)


def _environment(dataload: DataLoad, runtime: JindoRuntime, targets: list[TargetPath]) -> dict[str, str]:
    replicas = [str(target.replicas or 1) for target in targets]
    values = {
        "NEED_LOAD_METADATA": "true" if dataload.spec.load_metadata else "false",
        "LOAD_MEMORY_DATA": "true" if reported_medium(runtime) == "MEM" else "false",
        "DATA_PATH": ":".join(re.sub(r"\s", "", target.path) for target in targets),
        "PATH_REPLICAS": ":".join(replicas),
    }
    for index, (target, count) in enumerate(zip(targets, replicas, strict=True)):
        values |= {f"DATA_PATH_{index}": target.path, f"PATH_REPLICAS_{index}": count}
    return values
