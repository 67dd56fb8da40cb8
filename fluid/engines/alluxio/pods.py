"""The pods of masters and workers: what users say of them, sources, Secrets and tiers as volumes."""

from collections.abc import Mapping

from fluid.engines import api
from fluid.engines.alluxio.case import Case
from fluid.engines.alluxio.mounts import root_variables
from fluid.engines.alluxio.properties import camel
from fluid.engines.alluxio.restore import restore_of
from fluid.engines.alluxio.shape import component, fuse, has_gateway, masters, memory, on_host
from fluid.engines.alluxio.values import Container, Master, Worker
from fluid.models import Affinity, NodeAffinity, PodMetadata, Volume, VolumeMount

_OWN_VOLUMES = ("alluxio-*", "hdfs-confs", "mem", "ssd", "hdd", "mem-*", "ssd-*", "hdd-*", "source-*")


def master_values(case: Case) -> Master:
    """The StatefulSet of the masters.

    Raises:
        InvalidSpec: A volume cannot be mounted, or there can be no such backup.
    """
    spec, restored = component(case.runtime, "master"), restore_of(case.dataset)
    pods = api.components.pod_values(spec, metadata(case, spec.pod_metadata))
    volumes, mounts = user_volumes(case, "master", "job_master", "api_gateway")
    volumes |= {**case.secrets.volumes, **case.native.volumes}
    native, secrets = [*case.native.mounts.values()], [*case.secrets.mounts.values()]
    journal: list[VolumeMount] = []
    if restored is not None:
        volumes[restored.volume.name] = restored.volume
        pods["node_selector"] = {**pods["node_selector"], **restored.node_selector}
        journal.append(restored.mount)
    gateway = _container(case, "api_gateway", [*native, *mounts["api_gateway"]])
    return Master(
        **pods,
        replica_count=masters(case.runtime),
        host_network=on_host(spec),
        affinity=_near_directories(case),
        tolerations=api.pods.tolerations(case.dataset, None),
        volumes=[*volumes.values()],
        container=_container(case, "master", [*native, *mounts["master"], *secrets, *journal]),
        job_master=_container(case, "job_master", [*native, *mounts["job_master"], *secrets]),
        api_gateway=gateway if has_gateway(case.runtime) else None,
        root_options=root_variables(case.root),
        mounts_revision=case.master_revision,
        journal_backup=restored.journal(case.runtime) if restored else "",
    )


def worker_values(case: Case, common: api.components.OfCache) -> Worker:
    """The StatefulSet of the workers.

    Raises:
        InvalidSpec: A volume cannot be mounted, or a memory limit is below what tiers in memory take.
    """
    spec, least = component(case.runtime, "worker"), memory(case.tiers)
    pods = api.components.pod_values(
        spec, metadata(case, spec.pod_metadata), memory=least, component="worker"
    )
    volumes, mounts = user_volumes(case, "worker", "job_worker")
    tiers = [one.volumes for one in case.tiers]
    own = [mount for one in (*tiers, case.native) for mount in one.mounts.values()]
    servers = _container(case, "worker", [*own, *mounts["worker"]])
    return Worker(
        **pods,
        replica_count=max(case.runtime.spec.replicas or 0, 0),
        host_network=on_host(spec),
        affinity=common["worker_affinity"],
        tolerations=api.pods.tolerations(case.dataset, None),
        volumes=[
            *(volume for one in (*tiers, case.native) for volume in one.volumes.values()),
            *volumes.values(),
        ],
        container=servers.model_copy(update={"resources": pods["resources"]}),
        job_worker=_container(case, "job_worker", [*own, *mounts["job_worker"]]),
    )


def _container(case: Case, name: str, mounts: list[VolumeMount]) -> Container:
    spec = component(case.runtime, name)
    return Container(env=spec.env or {}, resources=spec.resources, volume_mounts=mounts)


def _near_directories(case: Case) -> Affinity | None:
    """Masters read directories of nodes: they run where the Dataset says that these are."""
    wanted = case.dataset.spec.node_affinity
    if wanted is None or wanted.required is None or not any(source.is_local for source in case.sources):
        return None
    return Affinity(
        node_affinity=NodeAffinity(required_during_scheduling_ignored_during_execution=wanted.required)
    )


def user_volumes(
    case: Case, pods: str, *others: str
) -> tuple[dict[str, Volume], Mapping[str, list[VolumeMount]]]:
    """The user's volumes of some pods, and the mounts of their containers, which share those of the first.

    Raises:
        InvalidSpec: A mount names no volume of `spec.volumes`, or one with a name of Fluid's own.
    """
    every = api.volumes.volumes_by_name(case.runtime.spec.volumes)
    first = fuse(case.runtime) if pods == "fuse" else component(case.runtime, pods)
    mounts = {pods: first.volume_mounts or []}
    mounts |= {name: [*mounts[pods], *(component(case.runtime, name).volume_mounts or ())] for name in others}
    found: dict[str, Volume] = {}
    for name, given in mounts.items():
        field = f"spec.{camel(name)}.volumeMounts[{{}}].name"
        used = api.volumes.mounted_volumes(given, every, field, reserved=_OWN_VOLUMES)
        found |= {volume.name: volume for volume in used}
    return found, mounts


def metadata(case: Case, own: PodMetadata | None) -> api.pods.Metadata:
    """Labels and annotations of a component's pods, over those of all."""
    return api.pods.pod_metadata(case.runtime.spec.pod_metadata, own)
