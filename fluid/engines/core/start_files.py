"""What a running pod never sees change: its template, and texts of ConfigMaps that it reads at its start."""

from collections.abc import Iterator, Mapping, Sequence

from fluid.models import ConfigMap, Container, DaemonSet, PodSpec, StatefulSet, Volume
from fluid.types import KubeObject

Files = Mapping[tuple[str, str], str]
"""Texts of ConfigMaps by name and key."""


def files_of(objects: Sequence[KubeObject]) -> Files:
    """The texts of all ConfigMaps among some objects."""
    maps = [one for one in objects if isinstance(one, ConfigMap)]
    return {(one.name, key): text for one in maps for key, text in (one.data or {}).items()}


def read_at_start(workload: StatefulSet | DaemonSet, files: Files) -> list[str | None]:
    """What the pods of a workload read at their start alone.

    That is variables, files mounted by `subPath`, and scripts (``*.sh``) that a container's command names.
    """
    pod = workload.spec.template.spec if workload.spec else None
    if pod is None:
        return []
    named = [files.get(one) for one in _keys(pod)]
    whole = set(_whole_maps(pod))
    return named + [text for (name, _), text in sorted(files.items()) if name in whole]


def _whole_maps(pod: PodSpec) -> Iterator[str]:
    """ConfigMaps all of whose keys are variables."""
    for container in (*(pod.init_containers or ()), *pod.containers):
        for source in container.env_from or ():
            if source.config_map_ref is not None:
                yield source.config_map_ref.name or ""


def _keys(pod: PodSpec) -> Iterator[tuple[str, str]]:
    volumes: Mapping[str, Volume] = {one.name: one for one in pod.volumes or ()}
    for container in (*(pod.init_containers or ()), *pod.containers):
        for variable in container.env or ():
            reference = variable.value_from.config_map_key_ref if variable.value_from else None
            if reference is not None:
                yield reference.name or "", reference.key
        for mount in container.volume_mounts or ():
            source = volumes[mount.name].config_map if mount.name in volumes else None
            if source is None:
                continue
            paths = {one.path: one.key for one in source.items or ()}
            for path in [mount.sub_path] if mount.sub_path else _scripts(container, mount.mount_path):
                yield source.name or "", paths.get(path, path)


def _scripts(container: Container, folder: str) -> list[str]:
    """The scripts in a folder that a container runs: a shell reads one to its end when it starts."""
    below = f"{folder.rstrip('/')}/"
    named = [one for one in container.command or () if one.startswith(below) and one.endswith(".sh")]
    return [one.removeprefix(below) for one in named]
