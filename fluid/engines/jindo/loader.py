"""The Job or CronJob that loads data into a JindoCache."""

from pydantic import Field

from fluid.engines import api
from fluid.engines.jindo.settings import JindoSettings
from fluid.engines.jindo.shape import reported_medium
from fluid.models import DataLoad, JindoRuntime, TargetPath
from fluid.types import KubeObject

CHART = "fluid-dataloader/jindocache"


class LoadValues(api.dataload.LoaderValues):
    """All values of the chart `fluid-dataloader/jindocache`."""

    target_dataset: str = "jindo"
    owner_dataset_id: str = "default-jindo"
    image: str = "registry.cn-shanghai.aliyuncs.com/jindofs/smartdata:6.2.0"
    targets: list[TargetPath] = Field(default_factory=list[TargetPath])
    options: dict[str, str] = Field(default_factory=dict[str, str])
    env: dict[str, str] = Field(default_factory=dict[str, str])
    hdfs_config: str = ""


def load_objects(request: api.OperationRequest[JindoRuntime]) -> list[KubeObject]:
    """The ConfigMap with the scripts, and the Job or CronJob; its image is that of masters and workers.

    Raises:
        InvalidSpec: The runtime has no cache, or a path cannot be written down.
    """
    dataload, runtime = api.dataload.dataload_of(request), request.runtime
    if not api.tiers.levels_of(runtime.spec.tieredstore):
        problem = "has no level to load data into"
        raise api.InvalidSpec(api.NamedObject.of(runtime), "spec.tieredstore", problem, "Add a level")
    options, own = dataload.spec.options or {}, request.settings.of(JindoSettings)
    values = LoadValues(
        targets=api.dataload.targets_of(dataload),
        options=api.dataload.literals(options),
        env=api.dataload.literals(_environment(dataload, runtime)),
        hdfs_config=options.get("hdfsConfig") or runtime.spec.hadoop_config or "",
    )
    image = api.pods.chosen_image(runtime.spec.jindo_version, own.smartdata_image)
    return api.dataload.loader_objects(CHART, values, request, str(image))


def _environment(dataload: DataLoad, runtime: JindoRuntime) -> dict[str, str]:
    values = api.dataload.target_environment(dataload)
    values["LOAD_MEMORY_DATA"] = "true" if reported_medium(runtime) == "MEM" else "false"
    for index, target in enumerate(api.dataload.targets_of(dataload)):
        values |= {f"DATA_PATH_{index}": target.path, f"PATH_REPLICAS_{index}": str(target.replicas or 1)}
    return values
