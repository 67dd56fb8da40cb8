"""From a JindoRuntime and its Dataset to the values of the chart: pure, and the same for the same input."""

from collections.abc import Iterator, Sequence

from fluid.engines import api
from fluid.engines.jindo.case import Case
from fluid.engines.jindo.config import config
from fluid.engines.jindo.mounts import TOKEN_VOLUME, option_words, token_volume
from fluid.engines.jindo.settings import JindoSettings
from fluid.engines.jindo.shape import is_fuse_only, master, master_volume, masters, on_host_network, worker
from fluid.engines.jindo.values import DataVolumes, Fuse, JindoValues, Master, Worker
from fluid.models import Capabilities, SecurityContext
from fluid.types import Quantity

_OWN_VOLUMES = ("bigboot-config", "hdfs-confs", TOKEN_VOLUME, "datavolume-*")
_SECRET_FILES_SINCE = (4, 6, 8)
_ANSWERS = ("attr_timeout", "entry_timeout", "negative_timeout")
"""What of the file system's answers the kernel may keep, and how long."""
_CACHE_FOREVER = ("-okernel_cache", "-oro", *(f"-o{name}=7200" for name in _ANSWERS))
_CACHE_NOTHING = ("-oauto_cache", *(f"-o{name}=0" for name in _ANSWERS))
_METRICS_PORT = "-ometrics_port="
_LARGE_CACHE, _MEMORY_OF_LARGE_MASTER = Quantity("100Gi"), Quantity("30Gi")


def transform(case: Case) -> api.Transformed[JindoValues]:
    """The values that the chart `jindocache` is rendered with.

    Raises:
        InvalidSpec: Something cannot be carried out; the message names the field and the next step.
    """
    _refuse_old_images(case)
    return api.Transformed(_values(case), [*_warnings(case)])


def _values(case: Case) -> JindoValues:
    runtime, spec, settings = case.runtime, case.runtime.spec, case.settings
    keys = config(case)
    api.refuse_heavy(keys, (case.dataset, runtime))
    secrets, revision = spec.image_pull_secrets, case.mounts_revision
    found = case.dataset, case.identity, settings, "jindo"
    common = api.cache_values(*found, pull_secrets=secrets, revision=revision)
    return JindoValues(
        **common,
        image=case.image.repository,
        image_tag=case.image.tag,
        image_pull_policy=(spec.jindo_version.image_pull_policy if spec.jindo_version else None) or "Always",
        fuse_image=case.fuse_image.repository,
        fuse_image_tag=case.fuse_image.tag,
        fuse_image_pull_policy=case.fuse.image_pull_policy or "Always",
        use_host_network=on_host_network(runtime),
        dns_server=settings.of(JindoSettings).dns_server,
        user=spec.user or "",
        security_context=_rdma_context() if case.rdma else None,
        ports=case.ports,
        init_port_check=api.ports.InitPortCheck.of(settings, case.ports.master_rpc, case.ports.raft),
        hadoop_config=api.config_maps.hadoop_config(spec.hadoop_config, case.hadoop_keys),
        token_volume=token_volume(case.credentials),
        mounts=DataVolumes(
            master=[master_volume(case.storage), *case.host_directories],
            workers_and_clients=[*api.tiers.tier_values(case.storage.tier), *case.host_directories],
        ),
        ufs_volumes=case.claims,
        cache_sets=case.cache_sets,
        config=keys,
        master=_master(case),
        worker=_worker(case, common),
        fuse=_fuse(case, common),
    )


def _master(case: Case) -> Master:
    spec = master(case.runtime)
    wanted, taken = case.settings.of(JindoSettings).default_memory_limit, case.storage.pod_memory
    least = _MEMORY_OF_LARGE_MASTER if wanted and taken and taken > _LARGE_CACHE else None
    mounts, volumes = spec.volume_mounts or [], api.volumes.volumes_by_name(case.runtime.spec.volumes)
    reserved = [*_OWN_VOLUMES, *(claim.name for claim in case.claims)]
    return Master(
        **api.components.pod_values(spec, case.metadata["master"], memory=least, component="master"),
        env=spec.env or {},
        replica_count=0 if spec.disabled else masters(case.runtime),
        service_count=masters(case.runtime),
        tolerations=api.pods.tolerations(case.dataset, spec.tolerations),
        volumes=api.volumes.mounted_volumes(
            mounts, volumes, "spec.master.volumeMounts[{}].name", reserved=reserved
        ),
        volume_mounts=mounts,
    )


def _worker(case: Case, common: api.components.OfCache) -> Worker:
    spec, least = worker(case.runtime), case.storage.pod_memory
    return Worker(
        **api.components.pod_values(spec, case.metadata["worker"], memory=least, component="worker"),
        env=spec.env or {},
        replica_count=0 if spec.disabled else max(case.runtime.spec.replicas or 0, 0),
        data_path=",".join(case.storage.directories),
        tolerations=api.pods.tolerations(case.dataset, spec.tolerations),
        affinity=common["worker_affinity"],
    )


def _fuse(case: Case, common: api.components.OfCache) -> Fuse:
    values = api.components.pod_values(case.fuse, case.metadata["fuse"], fuse_label=common["fuse_label"])
    values["annotations"] = {**api.pods.scrape_annotation(case.fuse.metrics), **values["annotations"]}
    arguments, metrics = _arguments(case), case.fuse.metrics
    return Fuse(
        **values,
        env=case.fuse.env or {},
        args=arguments,
        mode="fuseOnly" if is_fuse_only(case.runtime) else None,
        host_path=common["host_path"],
        metrics_port=(_metrics_port(arguments) or 0) if metrics and metrics.enabled else 0,
        host_pid=api.pods.fuse_host_pid(case.runtime),
        critical_pod=common["critical_fuse_pod"],
    )


def _arguments(case: Case) -> list[str]:
    """Arguments of the FUSE client; the user's replace all defaults."""
    arguments = list(case.fuse.args or (_CACHE_FOREVER if api.read_only(case.dataset) else _CACHE_NOTHING))
    if not case.fuse.args and len(case.sources) <= 1:
        arguments.append("-ono_symlink")
    if is_fuse_only(case.runtime) and case.sources:
        arguments.append(f"-ouri={case.sources[0].uri}")
    if _metrics_port(arguments) is None:
        arguments.append(f"{_METRICS_PORT}{case.ports.fuse_metrics or 0}")
    return arguments


def _metrics_port(arguments: Sequence[str]) -> int | None:
    return api.options.port_in(arguments, _METRICS_PORT, "spec.fuse.args")


def _rdma_context() -> SecurityContext:
    return SecurityContext(capabilities=Capabilities(add=["SYS_RESOURCE", "IPC_LOCK"]))


def _warnings(case: Case) -> Iterator[api.SpecWarning]:
    yield from api.tiers.tier_words(case.storage.tier.level)
    yield from option_words(case.sources)
    for name, metadata in case.metadata.items():
        yield from api.pods.reserved_labels(metadata.labels, f"labels of spec.{name}")
    yield from api.clean_policy_words(api.Whose.RUNTIME, "spec.fuse.cleanPolicy", case.fuse.clean_policy)


def _refuse_old_images(case: Case) -> None:
    images = {"spec.fuse.imageTag": case.fuse_image}
    if not is_fuse_only(case.runtime):
        images["spec.jindoVersion.imageTag"] = case.image
    for field, image in images.items() if case.credentials.files else ():
        if not reads_secret_files(image.tag):
            problem = f"{image} is older than 4.6.8 and would need the credentials of encryptOptions"
            raise api.InvalidSpec(api.Whose.RUNTIME, field, f"{problem} in plain text", "Use a newer image")


def reads_secret_files(tag: str) -> bool:
    """Whether this version reads credentials from files; a tag that is no version counts as new."""
    version = api.pods.version_of(tag)
    return version is None or version >= _SECRET_FILES_SINCE
