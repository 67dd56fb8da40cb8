"""The Job or CronJob that loads data into an Alluxio cluster."""

from pydantic import Field

from fluid.engines import api
from fluid.engines.alluxio.settings import AlluxioSettings
from fluid.models import AlluxioRuntime
from fluid.types import KubeObject

CHART = "fluid-dataloader/alluxio"


class LoadValues(api.dataload.LoaderValues):
    """All values of the chart `fluid-dataloader/alluxio`."""

    target_dataset: str = "alluxio"
    owner_dataset_id: str = "default-alluxio"
    image: str = "alluxio/alluxio-dev:2.9.0"
    args: list[str] = Field(default_factory=list[str])
    """Arguments of the script, escaped for the kubelet: flags, then path and replicas of each target."""


def load_objects(request: api.OperationRequest[AlluxioRuntime]) -> list[KubeObject]:
    """The ConfigMap with the script, and the Job or CronJob; its image is that of masters and workers.

    Raises:
        InvalidSpec: A path is not absolute, or a text cannot be written down.
    """
    dataload, runtime = api.dataload.dataload_of(request), request.runtime
    me = api.NamedObject.of(dataload)
    for index, target in enumerate(dataload.spec.target or ()):
        if not target.path.startswith("/") or not target.path.isprintable():
            field, problem = f"spec.target[{index}].path", f"{target.path[:80]!r} is no path of the Dataset"
            raise api.InvalidSpec(me, field, problem, "Write an absolute path, such as /images")
    for name in sorted(dataload.spec.options or {}):
        field, problem = f"spec.options[{name[:80]!r}]", "is no option of an AlluxioRuntime"
        raise api.InvalidSpec(me, field, problem, "Remove it")
    targets = api.dataload.targets_of(dataload)
    words = [word for one in targets for word in (one.path, str(max(one.replicas or 1, 1)))]
    flags = ["--metadata"] if dataload.spec.load_metadata else []
    values = LoadValues(args=[api.dataload.literal(word) for word in [*flags, "--", *words]])
    image = api.pods.chosen_image(runtime.spec.alluxio_version, request.settings.of(AlluxioSettings).image)
    return api.dataload.loader_objects(CHART, values, request, str(image))
