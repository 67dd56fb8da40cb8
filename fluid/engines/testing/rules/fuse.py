"""Rules of the FUSE clients: how their pods come, mount and are replaced."""

from collections.abc import Iterator, Mapping

from fluid.engines.testing.rendering import Made
from fluid.engines.testing.rules.findings import found, is_within, pod_of
from fluid.models import Container, DaemonSet, PodSpec, VolumeMount
from fluid.naming import VOLUME_PATH, restricted_fuse_label

Shared = tuple[Container, VolumeMount, str]
"""A container, its mount that the node sees, and the directory of the node that it is."""


def has_daemonset(made: Made) -> Iterator[str]:
    """The FUSE clients are a DaemonSet of the name that `components()` gives."""
    if made.fuse is None:
        yield found(
            made.runtime,
            f"gets no DaemonSet {made.components.fuse!r}, which components() names as its FUSE clients",
            "Give the DaemonSet of the chart that name, or correct Components.fuse",
        )


def waits_for_deletion(made: Made) -> Iterator[str]:
    """A changed template ends no FUSE pod: its readers would lose their mounts."""
    for fuse in _fuses(made):
        strategy = fuse.spec.update_strategy if fuse.spec else None
        kind = strategy.type if strategy else None
        if kind != "OnDelete":
            yield found(
                fuse,
                f"has updateStrategy {kind or 'RollingUpdate (the default)'}: a change of its template"
                " would end"
                " FUSE pods under those who read",
                "Write `updateStrategy: {type: OnDelete}`",
            )


def comes_by_label(made: Made) -> Iterator[str]:
    """FUSE pods run on the nodes that the node plugin labels, and on no other."""
    label = made.identity.fuse_label
    for fuse in _fuses(made):
        selector = pod_of(fuse).node_selector or {}
        if "true" not in (selector.get(label), selector.get(restricted_fuse_label(label))):
            yield found(
                fuse,
                f"has no node selector {label!r}: its pods would run on every node, or not come where a"
                " pod reads",
                'Put `snapshot.identity.fuse_label: "true"` into the node selector of the values',
            )


def shares_its_mount(made: Made) -> Iterator[str]:
    """A privileged container mounts a directory of the node, and the node sees what is mounted there."""
    for fuse in _fuses(made):
        shared = list(_shared(pod_of(fuse)))
        if not shared:
            yield found(
                fuse,
                "has no hostPath volume that a container mounts with mountPropagation Bidirectional: the"
                " node, and so"
                " the pods that read, would not see the FUSE mount",
                "Mount the runtime's directory of the node with `mountPropagation: Bidirectional`",
            )
        for container, _, _ in shared:
            context = container.security_context
            if not (context and context.privileged):
                yield found(
                    fuse,
                    f"has the container {container.name!r} with Bidirectional propagation that is not"
                    " privileged: the API"
                    " server refuses its pods",
                    "Write `securityContext: {privileged: true}` in that container",
                )


def stays_in_its_directory(made: Made) -> Iterator[str]:
    """What the node sees of a runtime is in the directory of its own."""
    for fuse in _fuses(made):
        for _, _, path in _shared(pod_of(fuse)):
            if not is_within(path, made.directory):
                yield found(
                    fuse,
                    f"shares the directory {path!r} of the node, which is not in {made.directory!r}: it"
                    " could mount over"
                    " files of the node or of another runtime",
                    "Use `settings.host_path(runtime_type, namespace, name)` as its hostPath",
                )


def publishes_its_mount(made: Made) -> Iterator[str]:
    """The volume leads to a place below what the FUSE pods share with the node."""
    volume = made.volume
    csi = volume.spec.csi if volume and volume.spec else None
    path = ((csi.volume_attributes if csi else None) or {}).get(VOLUME_PATH, "")
    for fuse in _fuses(made):
        directories = [directory for _, _, directory in _shared(pod_of(fuse))]
        if directories and not any(is_within(path, one) for one in directories):
            assert volume is not None, "a runtime has a volume"
            yield found(
                volume,
                f"has {VOLUME_PATH} {path!r}, which is not in {' or '.join(map(repr, directories))}, the"
                " directory that"
                f" DaemonSet {fuse.key} shares with the node: the node plugin would wait for a mount that"
                " never comes",
                "Return from fuse_mount() a path below the hostPath of the DaemonSet",
            )


def _fuses(made: Made) -> list[DaemonSet]:
    return [made.fuse] if made.fuse is not None else []


def _shared(pod: PodSpec) -> Iterator[Shared]:
    paths: Mapping[str, str] = {one.name: one.host_path.path for one in pod.volumes or () if one.host_path}
    for container in pod.containers:
        for mount in container.volume_mounts or ():
            if mount.mount_propagation == "Bidirectional" and mount.name in paths:
                yield container, mount, paths[mount.name]
