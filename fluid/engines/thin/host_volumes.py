"""`fluid.fuse.hostvolume`: a folder of the node that a mount brings into the FUSE pods.

It is for stores that are mounted on the nodes by hand: the client finds the folder, and is told nothing.
"""

from collections.abc import Iterable, Sequence
from posixpath import dirname

from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.core.runtime_policy import host_path_problem, is_within
from fluid.engines.kit.sources import HOST_VOLUME, Source
from fluid.engines.thin.attachments import Attachments
from fluid.models import HostPathVolumeSource, Volume, VolumeMount

_OWN = "/etc/fluid"
"""Where configuration and Secrets are in the pods."""


def add_host_volumes(
    found: Attachments,
    sources: Sequence[Source],
    target_path: str,
    allowed: Iterable[str] | None = None,
) -> None:
    """Add the folders of all mounts that have the option `/host[:/in-pod]`.

    Args:
        found: what FUSE pods mount already.
        sources: The Dataset's mounts.
        target_path: Where the clients mount.
        allowed: Folders of nodes at or below which they have to be; None for anywhere.

    Raises:
        InvalidSpec: An option is malformed, or its place in the pods is taken.
    """
    index = 0
    for source in sources:
        if source.host_volume is None:
            continue
        host, inside = _folders(source, source.host_volume, allowed)
        if any(is_within(inside, own) or is_within(own, inside) for own in (_OWN, dirname(target_path))):
            raise _invalid(source, f"{inside[:80]!r} would hide what the client needs")
        if inside in found.mounts:
            raise _invalid(source, f"{inside[:80]!r} is taken in the FUSE pods")
        name = f"fluid-fuse-hostvolume-{index}"
        mount = VolumeMount(name=name, mount_path=inside, mount_propagation="HostToContainer")
        if source.read_only:
            mount.read_only = True
        found.add(Volume(name=name, host_path=HostPathVolumeSource(path=host)), mount)
        index += 1


def _folders(source: Source, option: str, allowed: Iterable[str] | None) -> tuple[str, str]:
    host, colon, inside = option.partition(":")
    if problem := host_path_problem(host, allowed):
        raise _invalid(source, f"{host[:80]!r} {problem}")
    if not colon:
        return host, host
    if problem := host_path_problem(inside):
        raise _invalid(source, f"{inside[:80]!r}, the path in the pods, {problem}")
    return host, inside


def _invalid(source: Source, problem: str) -> InvalidSpec:
    return InvalidSpec(
        Whose.DATASET,
        f"{source.path}.options[{HOST_VOLUME}]",
        problem,
        "Write /folder/of/the/node, or /folder/of/the/node:/path/in/the/pods",
    )
