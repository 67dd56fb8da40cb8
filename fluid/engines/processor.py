"""What a DataProcess must satisfy beyond its schema."""

from collections.abc import Iterable, Iterator, Sequence
from posixpath import normpath
from typing import NamedTuple

from fluid.models import Container, DataProcessSpec, PodSpec, ScriptProcessor, Volume, VolumeMount

DATASET_VOLUME = "fluid-dataset-vol"
"""Name of the volume by which pods use the Dataset."""
SCRIPTS_VOLUME = "fluid-processor-scripts"
"""Name of the volume with the script."""
SCRIPTS_PATH = "/fluid-scripts"
"""Where the script is mounted."""


class ProcessorProblem(NamedTuple):
    """Why a DataProcess can never run as it is written.

    Attributes:
        reason: CamelCase word for the condition.
        path: Field that is wrong.
        message: What is wrong, as the rest of a sentence after the path.
        fix: Next step.
    """

    reason: str
    path: str
    message: str
    fix: str


def problem_of(spec: DataProcessSpec) -> ProcessorProblem | None:
    """The first problem of a spec; None when there is none."""
    return next(_problems(spec), None)


def _problems(spec: DataProcessSpec) -> Iterator[ProcessorProblem]:
    script, job = spec.processor.script, spec.processor.job
    if script is None and job is None:
        missing = "has neither script nor job"
        yield ProcessorProblem("ProcessorNotSpecified", "spec.processor", missing, "set one of them")
    if script is not None and job is not None:
        both = "has a script and a job"
        yield ProcessorProblem("MultipleProcessorSpecified", "spec.processor", both, "remove one of them")
    if job is not None and (job.pod_spec is None or not job.pod_spec.containers):
        path, fix = "spec.processor.job.podSpec", "say which containers process the files"
        yield ProcessorProblem("ProcessorNotSpecified", path, "has no container", fix)
    if script is not None and not script.image:
        path, fix = "spec.processor.script.image", "name an image that can run the script"
        yield ProcessorProblem("ImageNotSpecified", path, "is missing", fix)
    if spec.dataset.mount_path:  # empty: the Dataset is not mounted
        yield from _unusable(spec.dataset.mount_path)
    if script is not None:
        yield from _script_conflicts(script, spec.dataset.mount_path)
    if job is not None and job.pod_spec is not None:
        yield from _pod_conflicts(job.pod_spec, spec.dataset.mount_path)


def _unusable(mount_path: str) -> Iterator[ProcessorProblem]:
    if not mount_path.startswith("/") or _plain(mount_path) == "/" or ":" in mount_path:
        message = f"is {mount_path[:80]!r}, where no container can mount anything"
        fix = "use an absolute path without a colon, such as /data"
        yield ProcessorProblem("MountPathNotValid", "spec.dataset.mountPath", message, fix)


def _script_conflicts(script: ScriptProcessor, mount_path: str) -> Iterator[ProcessorProblem]:
    path = "spec.processor.script"
    if mount_path and _plain(mount_path) == SCRIPTS_PATH:
        message = f"is {SCRIPTS_PATH}, where the script is mounted"
        yield ProcessorProblem(
            "ConflictMountPath", "spec.dataset.mountPath", message, "mount the Dataset elsewhere"
        )
    paths, volumes = (mount_path, SCRIPTS_PATH), (DATASET_VOLUME, SCRIPTS_VOLUME)
    if not mount_path:
        paths, volumes = (SCRIPTS_PATH,), (SCRIPTS_VOLUME,)
    yield from _mount_conflicts(path, script.volume_mounts or (), paths)
    yield from _name_conflicts(path, script.volumes or (), volumes)


def _pod_conflicts(pod: PodSpec, mount_path: str) -> Iterator[ProcessorProblem]:
    path = "spec.processor.job.podSpec"
    if not mount_path:
        return  # nothing is added that could conflict
    lists: tuple[tuple[str, Iterable[Container]], ...] = (
        ("containers", pod.containers),
        ("initContainers", pod.init_containers or ()),
    )
    for name, containers in lists:
        for index, container in enumerate(containers):
            yield from _mount_conflicts(
                f"{path}.{name}[{index}]", container.volume_mounts or (), (mount_path,)
            )
    yield from _name_conflicts(path, pod.volumes or (), (DATASET_VOLUME,))


def _mount_conflicts(
    path: str, mounts: Sequence[VolumeMount], taken: Sequence[str]
) -> Iterator[ProcessorProblem]:
    for index, mount in enumerate(mounts):
        for other in taken:
            if _plain(mount.mount_path) == _plain(other):
                what = "the script" if other == SCRIPTS_PATH else "the Dataset"
                message = f"is {mount.mount_path}, where {what} is mounted"
                field = f"{path}.volumeMounts[{index}].mountPath"
                yield ProcessorProblem("ConflictMountPath", field, message, "mount that volume elsewhere")


def _name_conflicts(path: str, volumes: Sequence[Volume], taken: Sequence[str]) -> Iterator[ProcessorProblem]:
    for index, volume in enumerate(volumes):
        if volume.name in taken:
            message = f"is {volume.name}, which is the name of a volume that Fluid adds"
            field = f"{path}.volumes[{index}].name"
            yield ProcessorProblem("ConflictVolumeName", field, message, "name that volume otherwise")


def _plain(path: str) -> str:
    """The shortest spelling of a path."""
    return normpath("/" + path.lstrip("/"))
