"""The Job or CronJob that warms a cache up: `juicefs warmup`, by way of the FUSE clients that readers use.

Nothing runs in a shell, and nothing needs a right at the API server: the pods use the claim, as readers do.
In the community edition each node has a cache of its own, so one pod runs on each node that has a worker; in
the enterprise edition the cache group is told once.
"""

import re
from collections.abc import Mapping
from posixpath import normpath

from pydantic import Field

from fluid.engines import api
from fluid.engines.juicefs.commands import CLI
from fluid.engines.juicefs.settings import default_image
from fluid.engines.juicefs.volume import Volume
from fluid.models import DataLoad, JuiceFSRuntime
from fluid.types import KubeObject

CHART = "fluid-dataloader/juicefs"
_DATA = "/data"
_TIMEOUT, _DEFAULT_TIMEOUT = "timeout", "30m"
_DURATION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?[smhd]?")
_OPTION = re.compile(r"[a-z][-a-z0-9]{0,62}")


class LoadValues(api.dataload.LoaderValues):
    """All values of the chart `fluid-dataloader/juicefs`."""

    target_dataset: str = "juicefs"
    owner_dataset_id: str = "default-juicefs"
    image: str = "juicedata/mount:ce-v1.3.0"
    image_pull_policy: str = "IfNotPresent"
    command: list[str] = Field(default_factory=list[str])
    """The command line, escaped for the kubelet."""
    nodes: int = 1
    """On how many nodes with a worker it runs."""
    beside_workers: bool = True


def load_objects(request: api.OperationRequest[JuiceFSRuntime]) -> list[KubeObject]:
    """The Job or CronJob; its image is that of the workers.

    Raises:
        InvalidSpec: An option or a path cannot be carried out.
    """
    load, spec = api.dataload.dataload_of(request), request.runtime.spec
    volume, version = Volume.of(request.dataset), spec.juicefs_version
    workers = max(spec.replicas or 0, 0)
    command = [api.dataload.literal(word) for word in warm_up(load, volume)]
    values = LoadValues(
        command=command,
        image_pull_policy=(version.image_pull_policy if version else None) or "IfNotPresent",
        nodes=workers if workers and volume.edition == "community" else 1,
        beside_workers=workers > 0,
    )
    image = api.pods.chosen_image(version, default_image(request.settings, volume.edition))
    return api.dataload.loader_objects(CHART, values, request, str(image))


def warm_up(load: DataLoad, volume: Volume) -> list[str]:
    """The command line; raises `InvalidSpec`."""
    options = load.spec.options or {}
    command = ["timeout", timeout_of(api.NamedObject.of(load), options), CLI[volume.edition], "warmup"]
    return [*command, *_flags(load, options), *(_path(load, index) for index in range(len(_paths(load))))]


def timeout_of(subject: api.Subject, options: Mapping[str, str]) -> str:
    """Until when a command has to end, as coreutils spell it.

    Raises:
        InvalidSpec: It is no time.
    """
    text = options.get(_TIMEOUT) or _DEFAULT_TIMEOUT
    if not _DURATION.fullmatch(text):
        field, problem = f"spec.options[{_TIMEOUT}]", f"{text[:40]!r} is no time"
        raise api.InvalidSpec(subject, field, problem, "Write a number and s, m, h or d, such as 30m")
    return text


def flags_of(subject: api.Subject, options: Mapping[str, str]) -> list[str]:
    """The other options as flags, in the order of their names.

    Raises:
        InvalidSpec: One cannot be a flag.
    """
    for name in options:
        if not _OPTION.fullmatch(name):
            field = f"spec.options[{name[:60]!r}]"
            raise api.InvalidSpec(subject, field, "can be no flag of juicefs", "Correct its name")
    found = sorted((name, value) for name, value in options.items() if name != _TIMEOUT)
    return [f"--{name}={value}" if value else f"--{name}" for name, value in found]


def _flags(load: DataLoad, options: Mapping[str, str]) -> list[str]:
    subject = api.NamedObject.of(load)
    for name, fix in (("background", "Remove it"), ("file", "Name the paths in spec.target")):
        if name in options:
            problem = "would end the Job before the cache is warm" if name == "background" else "is not read"
            raise api.InvalidSpec(subject, f"spec.options[{name}]", problem, fix)
    return flags_of(subject, options)


def _paths(load: DataLoad) -> list[str]:
    return [target.path for target in api.dataload.targets_of(load)]


def _path(load: DataLoad, index: int) -> str:
    """A path as the pod sees it."""
    path = _paths(load)[index]
    if ".." in path.split("/") or any(one < " " for one in path):
        field, problem = f"spec.target[{index}].path", f"{path[:80]!r} is no path in the Dataset"
        raise api.InvalidSpec(api.NamedObject.of(load), field, problem, "Write it without '..'")
    return normpath(f"{_DATA}/{path.lstrip('/')}")
