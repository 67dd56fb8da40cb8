"""The FUSE pods: arguments of the client, which older images want in another way, and their values."""

from collections.abc import Sequence

from fluid.engines import api
from fluid.engines.alluxio.case import Case
from fluid.engines.alluxio.pods import metadata, user_volumes
from fluid.engines.alluxio.shape import fuse, memory, on_host
from fluid.engines.alluxio.values import Container, Fuse
from fluid.models import ResourceRequirements

_NEW_STYLE = (2, 8, 0)
"""Since this release the client takes its mount point as an argument."""
_READ_ONLY = ("kernel_cache", "ro", "attr_timeout=7200", "entry_timeout=7200")
_OPTIONS = "--fuse-opts="


def fuse_values(case: Case, common: api.components.OfCache, arguments: list[str]) -> Fuse:
    """The FUSE DaemonSet."""
    spec = fuse(case.runtime)
    values = api.components.pod_values(
        spec, metadata(case, spec.pod_metadata), fuse_label=common["fuse_label"]
    )
    volumes, mounts = user_volumes(case, "fuse")
    shared = [tier.volumes for tier in case.tiers if tier.shared]
    tier_volumes = [one for tier in shared for one in tier.volumes.values()]
    tier_mounts = [one for tier in shared for one in tier.mounts.values()]
    return Fuse(
        **values,
        args=arguments,
        host_network=on_host(spec),
        host_pid=api.pods.fuse_host_pid(case.runtime),
        critical_pod=common["critical_fuse_pod"],
        host_path=common["host_path"],
        legacy_mount=not _new_style(case),
        volumes=[*tier_volumes, *volumes.values()],
        container=Container(
            env=spec.env or {},
            resources=_with_shared_memory(case, spec.resources),
            volume_mounts=[*tier_mounts, *mounts["fuse"]],
        ),
    )


def _with_shared_memory(case: Case, wanted: ResourceRequirements | None) -> ResourceRequirements | None:
    """What of a tier in the node's memory a client reads first counts for its pod: room beside the limit."""
    taken = memory([tier for tier in case.tiers if tier.shared])
    limit = ((wanted.limits if wanted else None) or {}).get("memory")
    if wanted is None or limit is None or taken is None:
        return wanted
    return wanted.model_copy(update={"limits": {**(wanted.limits or {}), "memory": limit + taken}})


def _new_style(case: Case) -> bool:
    """A tag that is no version counts as new."""
    version = api.pods.version_of(case.fuse_image.tag)
    return version is None or version >= _NEW_STYLE


def fuse_arguments(case: Case) -> list[str]:
    """Arguments of the FUSE client: the user's or the defaults, with mount options that are always there."""
    spec, owner = fuse(case.runtime), case.dataset.spec.owner
    arguments = list(spec.args or ["fuse", f"{_OPTIONS}{','.join(_default_options(case))}"])
    more = [f"uid={owner.uid}", f"gid={owner.gid}"] if owner else []
    place = next((index for index, one in enumerate(arguments) if one.startswith(_OPTIONS)), None)
    if place is None and len(arguments) > 1 and not _new_style(case):
        place = 1  # older clients are given the options without a name
    if place is not None:
        given = arguments[place]
        more += [] if "allow_" in given else ["allow_other"]
        more += ["max_readahead=0"] if case.only_http and not spec.args else []
        arguments[place] = ",".join([given, *more]) if not given.endswith("=") else given + ",".join(more)
    if _new_style(case):
        path = case.settings.host_path("alluxio", case.identity.namespace, case.identity.name)
        arguments += [f"{path}/alluxio-fuse", "/"]
    return arguments


def _default_options(case: Case) -> Sequence[str]:
    given = (case.runtime.spec.properties, fuse(case.runtime).properties)
    old = any((one or {}).get("alluxio.fuse.jnifuse.libfuse.version") == "2" for one in given)
    if not api.read_only(case.dataset):
        return ["kernel_cache", "rw", *(["max_read=131072"] if old else [])]
    first, last = _READ_ONLY[:2], _READ_ONLY[2:]
    return [*first, "max_read=131072", *last, "nonempty"] if old else _READ_ONLY
