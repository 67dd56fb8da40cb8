"""The Job or CronJob that reads the files of a Dataset through its claim: a DataLoad for any cache."""

from collections.abc import Mapping

from pydantic import Field

from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.core.operation import OperationRequest
from fluid.engines.core.snapshot import R
from fluid.engines.operations.dataload import LoaderValues, dataload_of, literal, loader_objects
from fluid.models import DataLoad
from fluid.types import KubeObject

CHART = "fluid-dataloader/thin"
THREADS, MOST_THREADS = 8, 256
"""Files that are read at once: without a word, and at most."""
_METADATA_ONLY, _IMAGE, _USER, _THREADS = "loadMetadataOnly", "image", "runAsUser", "threadNum"
_OPTIONS = (_IMAGE, _METADATA_ONLY, _USER, _THREADS)
_HIGHEST_USER = 2**31 - 1


class LoadValues(LoaderValues):
    """All values of the chart `fluid-dataloader/thin`."""

    target_dataset: str = "thin"
    owner_dataset_id: str = "default-thin"
    image: str = "fluid-operator"
    args: list[str] = Field(default_factory=list[str])
    """Of `warm_up.py`, escaped for the kubelet."""
    run_as_user: int = 0


def load_by_reading(request: OperationRequest[R]) -> list[KubeObject]:
    """The ConfigMap with the program, and the Job or CronJob.

    Everything that the targets hold is read once, as any pod would read it; what the cache keeps of that is
    at hand for the next reader. How far it is, is in `status.infos` of the DataLoad.

    Args:
        request: A DataLoad, its Dataset and the settings; of the runtime nothing but its kind matters.

    Raises:
        InvalidSpec: An option does not exist or has an impossible value, or a text cannot be written down.
    """
    dataload = dataload_of(request)
    options = dataload.spec.options or {}
    for name in sorted(options.keys() - set(_OPTIONS)):
        path, known = f"spec.options[{name[:80]!r}]", ", ".join(_OPTIONS)
        problem = f"is no option of a {request.runtime.resource.kind}"
        raise InvalidSpec(NamedObject.of(dataload), path, problem, f"Use {known}, or remove it")
    user = _number(dataload, _USER, 0, 0, _HIGHEST_USER)
    values = LoadValues(args=_arguments(dataload, options), run_as_user=user)
    return loader_objects(CHART, values, request, options.get(_IMAGE) or request.settings.operator_image)


def _arguments(dataload: DataLoad, options: Mapping[str, str]) -> list[str]:
    threads = _number(dataload, _THREADS, THREADS, 1, MOST_THREADS)
    metadata_only = ["--metadata-only"] if options.get(_METADATA_ONLY, "").lower() == "true" else []
    paths = [literal(target.path) for target in dataload.spec.target or ()]
    return ["--threads", str(threads), *metadata_only, "--", *paths]


def _number(dataload: DataLoad, name: str, default: int, least: int, most: int) -> int:
    text = (dataload.spec.options or {}).get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and least <= int(text) <= most):
        path = f"spec.options[{name!r}]"
        raise InvalidSpec(
            NamedObject.of(dataload),
            path,
            f"is {text[:40]!r}",
            f"Write a whole number from {least} to {most}",
        )
    return int(text)
