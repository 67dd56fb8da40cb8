"""From a JindoRuntime and its Dataset to the values of the chart: pure, and the same for the same input."""

from collections.abc import Mapping
from dataclasses import dataclass

from fluid.engines.core.errors import InvalidSpec, NamedObject, SpecWarning, Whose
from fluid.engines.core.limits import refuse_heavy, refuse_impossible
from fluid.engines.core.render import Transformed
from fluid.engines.core.settings import Settings
from fluid.engines.core.spec_words import clean_policy_words
from fluid.engines.jindo.config import config
from fluid.engines.jindo.credentials import TOKEN_VOLUME, Credentials, credentials, plain_words, token_volume
from fluid.engines.jindo.fuse import exposed_metrics_port, fuse_arguments, scrape_annotation
from fluid.engines.jindo.images import fuse_image, reads_secret_files, smartdata_image
from fluid.engines.jindo.pods import (
    master_resources,
    master_volumes,
    pod_metadata,
    worker_resources,
)
from fluid.engines.jindo.revision import mounts_revision
from fluid.engines.jindo.sources import Source, sources
from fluid.engines.jindo.storage import (
    cache_sets,
    ignored_options,
    local_volumes,
    meaningless_words,
    ufs_volumes,
)
from fluid.engines.jindo.tiers import Storage, storage
from fluid.engines.jindo.topology import (
    is_fuse_only,
    master,
    masters,
    on_host_network,
    used_ports,
    uses_rdma,
    worker,
)
from fluid.engines.jindo.values import (
    DataVolumes,
    Fuse,
    HadoopConfig,
    InitPortCheck,
    JindoValues,
    Master,
    Ports,
    UfsVolume,
    Worker,
)
from fluid.engines.kit.components import RuntimeIdentity, fuse_host_pid, reserved_labels
from fluid.engines.kit.placement import placement, worker_affinity
from fluid.engines.kit.sources import read_only
from fluid.engines.kit.tiers import refuse_no_room, tier_words
from fluid.models import Capabilities, Dataset, JindoFuseSpec, JindoRuntime, SecurityContext
from fluid.naming import Identity


def transform(
    runtime: JindoRuntime,
    dataset: Dataset,
    identity: Identity,
    ports: Mapping[str, int],
    settings: Settings,
    *,
    hadoop_keys: frozenset[str] | None = None,
) -> Transformed[JindoValues]:
    """The values that the chart `jindocache` is rendered with.

    Args:
        runtime: What the user wants; never changed.
        dataset: The Dataset of the same name.
        identity: Its names and labels.
        ports: Host ports of this runtime by purpose; ignored on the container network, which has fixed ones.
        settings: What the administrator set.
        hadoop_keys: Keys of the ConfigMap that `spec.hadoopConfig` names; None when there is none.

    Raises:
        InvalidSpec: Something cannot be carried out; the message names the field and the next step.
    """
    refuse_impossible(NamedObject("Dataset"), dataset.spec)
    refuse_impossible(NamedObject("JindoRuntime"), runtime.spec)
    refuse_no_room(runtime.spec.tieredstore)
    mounted = sources(dataset)
    found = credentials(mounted, runtime.spec.secret or "")
    _refuse_old_images(runtime, settings, has_files=bool(found.files))
    tier, used = storage(runtime), Ports.model_validate(used_ports(runtime, ports))
    case = _Case(runtime, dataset, identity, settings, mounted, found, tier, used, ufs_volumes(mounted))
    warnings = [
        *tier_words(tier.tier.level),
        *meaningless_words(mounted),
        *plain_words(mounted),
        *ignored_options(mounted),
        *_label_warnings(runtime),
    ]
    warnings += clean_policy_words(
        Whose.RUNTIME, "spec.fuse.cleanPolicy", runtime.spec.fuse and runtime.spec.fuse.clean_policy
    )
    return Transformed(_values(case, _hadoop(runtime, hadoop_keys)), warnings)


@dataclass(frozen=True)
class _Case:
    """Everything that values are made of."""

    runtime: JindoRuntime
    dataset: Dataset
    identity: Identity
    settings: Settings
    mounted: list[Source]
    credentials: Credentials
    tier: Storage
    ports: Ports
    claims: list[UfsVolume]


def _values(case: _Case, hadoop: HadoopConfig | None) -> JindoValues:
    runtime, dataset, spec = case.runtime, case.dataset, case.runtime.spec
    smartdata, client = smartdata_image(runtime, case.settings), fuse_image(runtime, case.settings)
    keys = config(
        runtime,
        case.mounted,
        case.tier,
        case.credentials,
        case.ports,
        read_only=read_only(dataset),
        fuse_tag=client.tag,
    )
    refuse_heavy(keys, (dataset, runtime))
    return JindoValues(
        image=smartdata.repository,
        image_tag=smartdata.tag,
        image_pull_policy=(spec.jindo_version.image_pull_policy if spec.jindo_version else None) or "Always",
        fuse_image=client.repository,
        fuse_image_tag=client.tag,
        fuse_image_pull_policy=(spec.fuse.image_pull_policy if spec.fuse else None) or "Always",
        image_pull_secrets=spec.image_pull_secrets or case.settings.pull_secrets,
        runtime_identity=RuntimeIdentity(namespace=runtime.namespace, name=runtime.name),
        owner_dataset_id=case.identity.dataset_id,
        placement=placement(dataset),
        mounts_revision=mounts_revision(case.mounted, case.credentials),
        use_host_network=on_host_network(runtime),
        dns_server=case.settings.dns_server,
        user=spec.user or "",
        security_context=_rdma_context() if uses_rdma(runtime) else None,
        ports=case.ports,
        init_port_check=_port_check(case.settings, case.ports),
        hadoop_config=hadoop,
        token_volume=token_volume(case.credentials),
        mounts=_data_volumes(case.mounted, case.tier),
        ufs_volumes=case.claims,
        cache_sets=cache_sets(case.mounted),
        config=keys,
        master=_master(case),
        worker=_worker(case),
        fuse=_fuse(case),
    )


def _master(case: _Case) -> Master:
    runtime, dataset = case.runtime, case.dataset
    spec = master(runtime)
    labels, annotations = pod_metadata(runtime, spec)
    reserved = ["bigboot-config", "hdfs-confs", TOKEN_VOLUME, *(claim.name for claim in case.claims)]
    volumes, mounts = master_volumes(runtime, reserved)
    return Master(
        replica_count=0 if spec.disabled else masters(runtime),
        service_count=masters(runtime),
        labels=labels,
        annotations=annotations,
        env=spec.env or {},
        node_selector=spec.node_selector or {},
        tolerations=[*(dataset.spec.tolerations or []), *(spec.tolerations or [])],
        image_pull_secrets=spec.image_pull_secrets or [],
        resources=master_resources(runtime, case.tier, default_memory=case.settings.default_memory_limit),
        volumes=volumes,
        volume_mounts=mounts,
    )


def _worker(case: _Case) -> Worker:
    runtime, dataset = case.runtime, case.dataset
    spec = worker(runtime)
    labels, annotations = pod_metadata(runtime, spec)
    return Worker(
        replica_count=0 if spec.disabled else max(runtime.spec.replicas or 0, 0),
        data_path=",".join(case.tier.directories),
        labels=labels,
        annotations=annotations,
        env=spec.env or {},
        node_selector=spec.node_selector or {},
        tolerations=[*(dataset.spec.tolerations or []), *(spec.tolerations or [])],
        image_pull_secrets=spec.image_pull_secrets or [],
        resources=worker_resources(runtime, case.tier),
        affinity=worker_affinity(dataset, case.identity),
    )


def _fuse(case: _Case) -> Fuse:
    runtime, settings = case.runtime, case.settings
    spec = runtime.spec.fuse or JindoFuseSpec()
    labels, annotations = pod_metadata(runtime, spec)
    arguments = fuse_arguments(
        runtime, case.mounted, read_only=read_only(case.dataset), metrics_port=case.ports.fuse_metrics
    )
    return Fuse(
        args=arguments,
        mode="fuseOnly" if is_fuse_only(runtime) else None,
        host_path=settings.host_path("jindo", runtime.namespace, runtime.name),
        metrics_port=exposed_metrics_port(runtime, arguments),
        host_pid=fuse_host_pid(runtime),
        critical_pod=settings.critical_fuse_pod,
        labels=labels,
        annotations={**scrape_annotation(runtime), **annotations},
        env=spec.env or {},
        node_selector={**(spec.node_selector or {}), case.identity.fuse_label: "true"},
        image_pull_secrets=spec.image_pull_secrets or [],
        resources=spec.resources,
    )


def _data_volumes(mounted: list[Source], tier: Storage) -> DataVolumes:
    local = local_volumes(mounted)
    return DataVolumes(master=[tier.master_volume, *local], workers_and_clients=[*tier.volumes, *local])


def _port_check(settings: Settings, ports: Ports) -> InitPortCheck:
    if not settings.check_ports:
        return InitPortCheck()
    checked = [str(port) for port in (ports.master_rpc, ports.raft) if port]
    return InitPortCheck(enabled=True, image=str(settings.init_image), ports_to_check=":".join(checked))


def _rdma_context() -> SecurityContext:
    return SecurityContext(capabilities=Capabilities(add=["SYS_RESOURCE", "IPC_LOCK"]))


def _hadoop(runtime: JindoRuntime, keys: frozenset[str] | None) -> HadoopConfig | None:
    name = runtime.spec.hadoop_config
    if not name:
        return None
    if keys is None:
        raise InvalidSpec(
            Whose.RUNTIME, "spec.hadoopConfig", f"there is no ConfigMap {name[:63]!r}", "Create it"
        )
    if not keys & {"hdfs-site.xml", "core-site.xml"}:
        raise InvalidSpec(
            Whose.RUNTIME,
            "spec.hadoopConfig",
            f"ConfigMap {name[:63]} has neither hdfs-site.xml nor core-site.xml",
            "Add one",
        )
    return HadoopConfig(config_map=name, hdfs_site="hdfs-site.xml" in keys, core_site="core-site.xml" in keys)


def _label_warnings(runtime: JindoRuntime) -> list[SpecWarning]:
    components = {
        "master": master(runtime),
        "worker": worker(runtime),
        "fuse": runtime.spec.fuse or JindoFuseSpec(),
    }
    return [
        warning
        for name, component in components.items()
        for warning in reserved_labels(pod_metadata(runtime, component), f"labels of spec.{name}")
    ]


def _refuse_old_images(runtime: JindoRuntime, settings: Settings, *, has_files: bool) -> None:
    if not has_files:
        return
    images = {"spec.fuse.imageTag": fuse_image(runtime, settings)}
    if not is_fuse_only(runtime):
        images["spec.jindoVersion.imageTag"] = smartdata_image(runtime, settings)
    for path, image in images.items():
        if not reads_secret_files(image.tag):
            raise InvalidSpec(
                Whose.RUNTIME,
                path,
                f"{image} is older than 4.6.8 and would need the credentials of encryptOptions in plain text",
                "Use a newer image",
            )
