"""Sources that pods mount themselves: directories of nodes, claims, and folders that a mount brings along.

All engines take and refuse the same words: a `local://` address is a directory without `..`, a `pvc://` one
names a claim that there can be, and a folder in it. Where a source appears in the pods is its `pod_path`.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from fluid.charts import ChartValues
from fluid.engines.core.errors import InvalidSpec, NotYet, Whose
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import ClaimVolume, ReadClaim, Results
from fluid.engines.core.runtime_policy import host_path_problem, is_within
from fluid.engines.kit.sources import HOST_VOLUME, Source
from fluid.engines.kit.volumes import Attachments, DataVolume, is_object_name, volume_name
from fluid.models import (
    CSIPersistentVolumeSource,
    HostPathVolumeSource,
    PersistentVolumeClaimVolumeSource,
    Volume,
    VolumeMount,
)
from fluid.naming import CSI_CONTEXT
from fluid.types import Key

_BOOKKEEPING = (CSI_CONTEXT, "storage.kubernetes.io/")
"""Prefixes of attributes that Kubernetes' own programs write for each other."""
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?")
"""What can follow `datavolume-` in the name of a volume."""


class ClaimValues(ChartValues):
    """A claim that is a source."""

    name: str
    claim_name: str
    container_path: str
    sub_path: str | None = None
    read_only: bool = True


def directory_of(source: Source) -> str:
    """The directory of a `local://` source, without a slash at its end; empty for the root.

    Raises:
        InvalidSpec: It has `..`, with which the API server takes no directory.
    """
    path = source.uri.removeprefix("local://").rstrip("/")
    if ".." in path.split("/"):
        raise source.refused("mountPoint", f"{path[:80]!r} has '..'", "Write the path without it")
    return path


def claim_of(source: Source) -> str:
    """The claim of a `pvc://<claim>/<folder>` source.

    Raises:
        InvalidSpec: It names none.
    """
    claim = source.uri.removeprefix("pvc://").partition("/")[0]
    if not is_object_name(claim):
        raise source.refused("mountPoint", "names no claim", "Write pvc://<claim>/<path>")
    return claim


def folder_of(source: Source) -> str:
    """The folder of a `pvc://<claim>/<folder>` source, as it is written; empty for all of the claim.

    Raises:
        InvalidSpec: It would leave the claim.
    """
    below = source.uri.removeprefix("pvc://").partition("/")[2].lstrip("/")
    if ".." in below.split("/"):
        raise source.refused("mountPoint", "leaves its claim", "Write a path without '..'")
    return below


def refuse_taken(source: Source, places: Collection[str]) -> None:
    """Make sure that a source does not appear where something else does.

    Raises:
        InvalidSpec: It does.
    """
    if source.pod_path in places:
        raise source.refused("path", f"{source.pod_path} is taken", "Give each mount its own path")


def claim_volumes(
    sources: Sequence[Source], namespace: str, results: Results, plan: Plan
) -> dict[str, ClaimVolume]:
    """The volume behind each claim, which only the cluster knows; asks for them.

    Raises:
        InvalidSpec: A claim does not exist or is not Bound; it is looked for again with back-off.
        NotYet: a query is not answered yet.
    """
    queries = {
        claim_of(source): (source.path, ReadClaim(Key(namespace, claim_of(source))))
        for source in sources
        if source.is_claim
    }
    for _, query in queries.values():
        plan.ask(query)
    found: dict[str, ClaimVolume] = {}
    for claim, (path, query) in queries.items():
        if query not in results:
            raise NotYet("ReadingClaim", f"reading PersistentVolumeClaim {query.key}")
        volume = results[query]
        if volume is None:
            raise InvalidSpec(
                Whose.DATASET,
                f"{path}.mountPoint",
                f"PersistentVolumeClaim {query.key} does not exist or is not Bound",
                "Create it, or see why it is not Bound",
            )
        found[claim] = volume
    return found


def attach_source(found: Attachments, source: Source) -> None:
    """Mount a directory of the nodes or a claim where the source appears.

    What the node mounts below a directory later is seen by pods that run.

    Args:
        found: What the pods mount already.
        source: A source that `is_local` or `is_claim`; two of one directory or claim share a volume.

    Raises:
        InvalidSpec: It cannot be mounted, or its place is taken.
    """
    refuse_taken(source, found.mounts)
    if source.is_local:
        host = HostPathVolumeSource(path=directory_of(source) or "/")
        volume = Volume(name=volume_name("source", source.uri), host_path=host)
    else:
        claim = PersistentVolumeClaimVolumeSource(claim_name=claim_of(source))
        name = volume_name("source", f"pvc://{claim.claim_name}")
        volume = Volume(name=name, persistent_volume_claim=claim)
    mount = VolumeMount(name=volume.name, mount_path=source.pod_path, read_only=source.read_only)
    if source.is_local:
        mount.mount_propagation = "HostToContainer"
    elif folder := folder_of(source).rstrip("/"):
        mount.sub_path = folder
    found.add(volume, mount)


def mounting_facts(csi: CSIPersistentVolumeSource) -> CSIPersistentVolumeSource:
    """What a client has to know of a CSI volume to mount it; the rest stays the administrators'.

    Not the Secrets of other calls than publishing, nor what a provisioner and the kubelet note there.
    """
    noted = csi.volume_attributes or {}
    attributes = {name: value for name, value in noted.items() if not name.startswith(_BOOKKEEPING)}
    return CSIPersistentVolumeSource(
        driver=csi.driver,
        volume_handle=csi.volume_handle,
        fs_type=csi.fs_type,
        read_only=csi.read_only,
        volume_attributes=attributes or None,
        node_publish_secret_ref=csi.node_publish_secret_ref,
    )


def directory_values(sources: Iterable[Source]) -> list[DataVolume]:
    """Directories of nodes that are mounted where they are, each once however often it is a source.

    Raises:
        InvalidSpec: A directory cannot be mounted.
    """
    volumes: dict[str, DataVolume] = {}
    for source in sources:
        if source.is_local:
            # A number alone is the name of a tier's volume.
            usable = _NAME.fullmatch(source.name) and not source.name.isdigit()
            path, name = f"{directory_of(source)}/", source.name if usable else f"mount-{source.index}"
            volumes.setdefault(path, DataVolume(name=name, path=path))
    return list(volumes.values())


def claim_values(sources: Iterable[Source]) -> list[ClaimValues]:
    """Claims that are sources.

    Raises:
        InvalidSpec: Two claims would be mounted at the same path, or a mount names no claim.
    """
    volumes: dict[str, ClaimValues] = {}
    for source in (source for source in sources if source.is_claim):
        claim = claim_of(source)
        refuse_taken(source, volumes)
        volumes[source.pod_path] = ClaimValues(
            name=claim if _NAME.fullmatch(claim) else f"claim-{source.index}",
            claim_name=claim,
            container_path=source.pod_path,
            sub_path=folder_of(source) or None,
            read_only=source.read_only,
        )
    return list(volumes.values())


def attach_host_folders(found: Attachments, sources: Iterable[Source], own: Collection[str]) -> None:
    """Mount the folders of the nodes that mounts bring along, by their option `/host[:/in-pod]`.

    It is for stores that are mounted on the nodes by hand: the client finds the folder, and is told nothing.

    Args:
        found: What the pods mount already.
        sources: The Dataset's mounts.
        own: Directories of the pods that no folder may hide.

    Raises:
        InvalidSpec: An option is malformed, or its place in the pods is taken.
    """
    having = [source for source in sources if source.host_volume is not None]
    for index, source in enumerate(having):
        host, inside = _folders(source, source.host_volume or "")
        if any(is_within(inside, one) or is_within(one, inside) for one in own):
            raise _invalid(source, f"{inside[:80]!r} would hide what the client needs")
        if inside in found.mounts:
            raise _invalid(source, f"{inside[:80]!r} is taken in the FUSE pods")
        name = f"fluid-fuse-hostvolume-{index}"
        mount = VolumeMount(name=name, mount_path=inside, mount_propagation="HostToContainer")
        if source.read_only:
            mount.read_only = True
        found.add(Volume(name=name, host_path=HostPathVolumeSource(path=host)), mount)


def _folders(source: Source, option: str) -> tuple[str, str]:
    host, colon, inside = option.partition(":")
    if problem := host_path_problem(host):
        raise _invalid(source, f"{host[:80]!r} {problem}")
    if not colon:
        return host, host
    if problem := host_path_problem(inside):
        raise _invalid(source, f"{inside[:80]!r}, the path in the pods, {problem}")
    return host, inside


def _invalid(source: Source, problem: str) -> InvalidSpec:
    return source.refused(
        f"options[{HOST_VOLUME}]",
        problem,
        "Write /folder/of/the/node, or /folder/of/the/node:/path/in/the/pods",
    )
