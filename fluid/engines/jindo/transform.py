"""From a JindoRuntime and its Dataset to the values of the chart: pure, and the same for the same input."""

from collections.abc import Iterator

from fluid.engines.core.errors import InvalidSpec, NamedObject, SpecWarning, Whose
from fluid.engines.core.limits import refuse_heavy, refuse_impossible
from fluid.engines.core.render import Transformed
from fluid.engines.core.spec_words import clean_policy_words
from fluid.engines.jindo.case import Case
from fluid.engines.jindo.config import config
from fluid.engines.jindo.credentials import TOKEN_VOLUME, plain_words, token_volume
from fluid.engines.jindo.fuse import exposed_metrics_port, fuse_arguments
from fluid.engines.jindo.images import reads_secret_files
from fluid.engines.jindo.settings import JindoSettings
from fluid.engines.jindo.storage import ignored_options, meaningless_words
from fluid.engines.jindo.topology import is_fuse_only, master, masters, on_host_network, uses_rdma, worker
from fluid.engines.jindo.values import DataVolumes, Fuse, InitPortCheck, JindoValues, Master, Worker
from fluid.engines.kit.components import cache_values, fuse_host_pid, pod_values
from fluid.engines.kit.config_maps import hadoop_config
from fluid.engines.kit.metadata import reserved_labels, scrape_annotation
from fluid.engines.kit.placement import worker_affinity
from fluid.engines.kit.tiers import refuse_no_room, tier_words
from fluid.engines.kit.volumes import mounted_volumes, volumes_by_name
from fluid.models import Capabilities, SecurityContext
from fluid.types import Quantity

_OWN_VOLUMES = ("bigboot-config", "hdfs-confs", TOKEN_VOLUME, "datavolume-*")
_LARGE_CACHE, _MEMORY_OF_LARGE_MASTER = Quantity("100Gi"), Quantity("30Gi")


def transform(case: Case) -> Transformed[JindoValues]:
    """The values that the chart `jindocache` is rendered with.

    Raises:
        InvalidSpec: Something cannot be carried out; the message names the field and the next step.
    """
    refuse_impossible(NamedObject("Dataset"), case.dataset.spec)
    refuse_impossible(NamedObject("JindoRuntime"), case.runtime.spec)
    refuse_no_room(case.runtime.spec.tieredstore)
    _refuse_old_images(case)
    return Transformed(_values(case), [*_warnings(case)])


def _values(case: Case) -> JindoValues:
    runtime, spec, settings = case.runtime, case.runtime.spec, case.settings
    keys = config(case)
    refuse_heavy(keys, (case.dataset, runtime))
    return JindoValues(
        **cache_values(case.dataset, case.identity, settings, spec.image_pull_secrets, case.mounts_revision),
        image=case.image.repository,
        image_tag=case.image.tag,
        image_pull_policy=(spec.jindo_version.image_pull_policy if spec.jindo_version else None) or "Always",
        fuse_image=case.fuse_image.repository,
        fuse_image_tag=case.fuse_image.tag,
        fuse_image_pull_policy=case.fuse.image_pull_policy or "Always",
        use_host_network=on_host_network(runtime),
        dns_server=settings.of(JindoSettings).dns_server,
        user=spec.user or "",
        security_context=_rdma_context() if uses_rdma(runtime) else None,
        ports=case.ports,
        init_port_check=_port_check(case),
        hadoop_config=hadoop_config(spec.hadoop_config, case.hadoop_keys),
        token_volume=token_volume(case.credentials),
        mounts=DataVolumes(
            master=[case.storage.master_volume, *case.host_directories],
            workers_and_clients=[*case.storage.volumes, *case.host_directories],
        ),
        ufs_volumes=case.claims,
        cache_sets=case.cache_sets,
        config=keys,
        master=_master(case),
        worker=_worker(case),
        fuse=_fuse(case),
    )


def _master(case: Case) -> Master:
    spec, tier = master(case.runtime), case.storage.tier
    large = (
        case.settings.of(JindoSettings).default_memory_limit
        and case.storage.in_pods
        and tier.quota > _LARGE_CACHE
    )
    least = _MEMORY_OF_LARGE_MASTER if large else None
    mounts, volumes = spec.volume_mounts or [], volumes_by_name(case.runtime.spec.volumes)
    reserved = [*_OWN_VOLUMES, *(claim.name for claim in case.claims)]
    return Master(
        **pod_values(spec, case.metadata["master"], memory=least, component="master"),
        env=spec.env or {},
        replica_count=0 if spec.disabled else masters(case.runtime),
        service_count=masters(case.runtime),
        tolerations=[*(case.dataset.spec.tolerations or []), *(spec.tolerations or [])],
        volumes=mounted_volumes(mounts, volumes, "spec.master.volumeMounts[{}].name", reserved=reserved),
        volume_mounts=mounts,
    )


def _worker(case: Case) -> Worker:
    spec, least = worker(case.runtime), case.storage.tier.quota if case.storage.in_pods else None
    return Worker(
        **pod_values(spec, case.metadata["worker"], memory=least, component="worker"),
        env=spec.env or {},
        replica_count=0 if spec.disabled else max(case.runtime.spec.replicas or 0, 0),
        data_path=",".join(case.storage.directories),
        tolerations=[*(case.dataset.spec.tolerations or []), *(spec.tolerations or [])],
        affinity=worker_affinity(case.dataset, case.identity),
    )


def _fuse(case: Case) -> Fuse:
    values = pod_values(case.fuse, case.metadata["fuse"], fuse_label=case.identity.fuse_label)
    values["annotations"] = {**scrape_annotation(case.fuse.metrics), **values["annotations"]}
    arguments = fuse_arguments(case)
    return Fuse(
        **values,
        env=case.fuse.env or {},
        args=arguments,
        mode="fuseOnly" if is_fuse_only(case.runtime) else None,
        host_path=case.settings.host_path("jindo", case.runtime.namespace, case.runtime.name),
        metrics_port=exposed_metrics_port(case, arguments),
        host_pid=fuse_host_pid(case.runtime),
        critical_pod=case.settings.critical_fuse_pod,
    )


def _port_check(case: Case) -> InitPortCheck:
    if not case.settings.check_ports:
        return InitPortCheck()
    checked = ":".join(str(port) for port in (case.ports.master_rpc, case.ports.raft) if port)
    return InitPortCheck(enabled=True, image=str(case.settings.init_image), ports_to_check=checked)


def _rdma_context() -> SecurityContext:
    return SecurityContext(capabilities=Capabilities(add=["SYS_RESOURCE", "IPC_LOCK"]))


def _warnings(case: Case) -> Iterator[SpecWarning]:
    yield from tier_words(case.storage.tier.level)
    yield from meaningless_words(case.sources)
    yield from plain_words(case.sources)
    yield from ignored_options(case.sources)
    for name, metadata in case.metadata.items():
        yield from reserved_labels(metadata.labels, f"labels of spec.{name}")
    yield from clean_policy_words(Whose.RUNTIME, "spec.fuse.cleanPolicy", case.fuse.clean_policy)


def _refuse_old_images(case: Case) -> None:
    if not case.credentials.files:
        return
    images = {"spec.fuse.imageTag": case.fuse_image}
    if not is_fuse_only(case.runtime):
        images["spec.jindoVersion.imageTag"] = case.image
    for field, image in images.items():
        if not reads_secret_files(image.tag):
            problem = (
                f"{image} is older than 4.6.8 and would need the credentials of encryptOptions in plain text"
            )
            raise InvalidSpec(Whose.RUNTIME, field, problem, "Use a newer image")
