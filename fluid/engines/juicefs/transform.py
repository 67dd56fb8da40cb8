"""From a JuiceFSRuntime and its Dataset to the values of the chart: pure, and the same for the same input."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from posixpath import dirname

from fluid.engines import api
from fluid.engines.juicefs import commands
from fluid.engines.juicefs.settings import default_image
from fluid.engines.juicefs.shape import PORTS, on_host, target_path
from fluid.engines.juicefs.storage import Tier, claim_templates, directories_in, pod_volumes
from fluid.engines.juicefs.values import Configs, Fuse, JuiceFSValues, Worker
from fluid.engines.juicefs.volume import NAMED, RESERVED, Volume, check_flags, check_options
from fluid.models import Dataset, EnvVar, JuiceFSCompTemplateSpec, JuiceFSFuseSpec, JuiceFSRuntime
from fluid.types import Quantity
from fluid.types.untrusted import whole_number

_READ_ONLY = {"community": ("attr-cache", "entry-cache"), "enterprise": ("attrcacheto", "entrycacheto")}
_PORT = re.compile(r"(?s).*:([0-9]{1,5})")
_NOT_FOR_WORKERS = frozenset({"ro", "read-only", "metrics", "no-sharing"})
"""Options of a Dataset that are for its readers alone."""


@dataclass(frozen=True)
class Case:
    """A runtime with its Dataset; what follows from both is found out once.

    Attributes:
        runtime: What the user wants; never changed.
        dataset: The Dataset of the same name.
        identity: Its names and labels.
        settings: What the administrator set.
        ports: Host ports that were given, by purpose.
        volume: The file system.
    """

    runtime: JuiceFSRuntime
    dataset: Dataset
    identity: api.naming.Identity
    settings: api.Settings
    ports: Mapping[str, int]
    volume: Volume

    @property
    def fuse(self) -> JuiceFSFuseSpec:
        """The FUSE clients' part of the spec."""
        return self.runtime.spec.fuse or JuiceFSFuseSpec()

    @property
    def worker(self) -> JuiceFSCompTemplateSpec:
        """The workers' part of the spec."""
        return self.runtime.spec.worker or JuiceFSCompTemplateSpec()

    @cached_property
    def tier(self) -> Tier:
        """Where blocks are kept."""
        return Tier.of(self.runtime.spec.tieredstore)

    @property
    def target(self) -> str:
        """Where all clients mount."""
        return target_path(self.settings, self.identity.namespace, self.identity.name)

    @cached_property
    def fuse_options(self) -> dict[str, str]:
        """Mount options of the FUSE clients, from what counts least to what counts most."""
        edition, own = self.volume.edition, self.fuse.options or {}
        found = {**self.volume.mount_options, **self._generated, **own}
        found.pop("bucket2", None)
        if api.read_only(self.dataset):
            found["ro"] = ""
            found = {**dict.fromkeys(_READ_ONLY[edition], "7200"), **found}
        if edition == "enterprise":
            return {"cache-group": self._group, "no-sharing": "", **found, "foreground": "", "no-update": ""}
        return self._with_metrics(found, "fuse")

    @cached_property
    def worker_options(self) -> dict[str, str]:
        """Mount options of the workers, which are mounted for writing."""
        of_dataset = api.options.without(self.volume.mount_options, _NOT_FOR_WORKERS)
        found = {**of_dataset, **self._generated, **(self.worker.options or {})}
        if self.volume.edition == "enterprise":
            found.pop("no-sharing", None)
            return {"cache-group": self._group, **found, "foreground": "", "no-update": ""}
        return self._with_metrics(found, "worker")

    @property
    def _group(self) -> str:
        return f"{self.identity.namespace}-{self.identity.name}"

    @property
    def _generated(self) -> dict[str, str]:
        folder = {} if self.volume.sub_path == "/" else {"subdir": self.volume.sub_path}
        return {**folder, **self.tier.options}

    def _with_metrics(self, options: dict[str, str], component: str) -> dict[str, str]:
        port = PORTS.used(self.runtime, self.ports).get(component)
        return {"metrics": f"0.0.0.0:{port}", **options} if port else options

    def metrics_port(self, component: str) -> int:
        """Where a component serves metrics; 0 for the enterprise edition, which serves none.

        Raises:
            InvalidSpec: The option of the user says no port.
        """
        if self.volume.edition == "enterprise":
            return 0
        said = (self.fuse_options if component == "fuse" else self.worker_options).get("metrics", "")
        match = _PORT.fullmatch(said)
        port = whole_number(match[1], 65535) if match else None
        if not port:
            field, problem = f"spec.{component}.options[metrics]", f"{said[:40]!r} says no port"
            raise api.InvalidSpec(api.Whose.RUNTIME, field, problem, "Write it as 0.0.0.0:9567")
        return port


def transform(case: Case) -> api.Transformed[JuiceFSValues]:
    """The values that the chart `juicefs` is rendered with.

    Raises:
        InvalidSpec: Something cannot be carried out; the message names the field and the next step.
    """
    _refuse_unwritable(case)
    spec, volume = case.runtime.spec, case.volume
    image = api.pods.chosen_image(spec.juicefs_version, default_image(case.settings, volume.edition))
    common = api.cache_values(
        case.dataset,
        case.identity,
        case.settings,
        "juicefs",
        pull_secrets=spec.image_pull_secrets,
        revision=_revision(volume),
    )
    configs = _configs(case)
    values = JuiceFSValues(
        **common,
        image=image.repository,
        image_tag=image.tag,
        image_pull_policy=(spec.juicefs_version.image_pull_policy if spec.juicefs_version else None)
        or "IfNotPresent",
        edition=volume.edition,
        source=volume.source,
        configs=configs,
        worker=_worker(case, common, configs),
        fuse=_fuse(case, common, configs),
    )
    return api.Transformed(values, [*_warnings(case)])


def _configs(case: Case) -> Configs:
    volume, found = case.volume, dict[str, str]()
    for option, name in zip(NAMED, ("metaurl", "accesskey", "secretkey", "token"), strict=True):
        if (secret := volume.secrets.get(option)) is not None:
            found |= {f"{name}Secret": secret.secret, f"{name}SecretKey": secret.key}
    flags = preparing_flags(volume, case.runtime.spec.configs or ())
    name, edition, quota = volume.mount.name, volume.edition, ""
    prepare = commands.format_volume(flags, name) if edition == "community" else ""
    if edition == "enterprise" and "token" in volume.secrets:
        prepare = commands.sign_in(flags, name)
    if volume.quota is not None:
        quota = commands.set_quota(edition, volume.source, volume.sub_path, volume.quota)
    return Configs.model_validate({"name": name, "formatCmd": prepare, "quotaCmd": quota, **found})


def preparing_flags(volume: Volume, configs: Sequence[str]) -> list[str]:
    """Flags of `format` or `auth`: the runtime's own, credentials, and options of the mount.

    Raises:
        InvalidSpec: One of the runtime's is no flag.
    """
    flags = [commands.flag(*one.partition("=")[::2]) for one in check_flags(configs)]
    flags += [commands.from_variable(name, variable) for name, variable in volume.secret_flags]
    return flags + [commands.flag(name, value) for name, value in volume.format_options.items()]


def _script(case: Case, configs: Configs, options: Mapping[str, str], *, quota: bool) -> str:
    edition, source = case.volume.edition, case.volume.source
    mount = commands.mount(edition, source, case.target, options)
    limit = configs.quota_cmd if quota else ""
    return commands.Script(edition, configs.name, configs.format_cmd, limit, mount).text


def _worker(case: Case, common: api.components.OfCache, configs: Configs) -> Worker:
    spec, options = case.worker, case.worker_options
    in_memory = case.volume.edition == "enterprise" and "cache-size" not in (spec.options or {})
    paths, mounts = directories_in(options, "spec.worker.options"), spec.volume_mounts or []
    found = pod_volumes(case.runtime, "worker", mounts, case.tier, paths)
    metadata = api.pods.pod_metadata(case.runtime.spec.pod_metadata, spec.pod_metadata)
    return Worker(
        **api.components.pod_values(
            spec, metadata, memory=_memory(case) if in_memory else None, component="worker"
        ),
        env=_environment(case, spec.env, "worker"),
        volumes=found.volumes,
        volume_mounts=found.mounts,
        host_network=on_host(case.runtime, "worker"),
        metrics_port=case.metrics_port("worker"),
        mount_path=case.target,
        script=_script(case, configs, options, quota=False),
        replica_count=max(case.runtime.spec.replicas or 0, 0),
        tolerations=api.pods.staying_tolerations(case.dataset),
        affinity=common["worker_affinity"],
        volume_claim_templates=claim_templates(case.runtime),
    )


def _fuse(case: Case, common: api.components.OfCache, configs: Configs) -> Fuse:
    spec, options = case.fuse, case.fuse_options
    image = api.pods.chosen_image(spec, default_image(case.settings, case.volume.edition))
    paths, mounts = directories_in(options, "spec.fuse.options"), spec.volume_mounts or []
    found = pod_volumes(case.runtime, "fuse", mounts, case.tier, paths)
    metadata = api.pods.pod_metadata(case.runtime.spec.pod_metadata, spec.pod_metadata)
    memory = None if "cache-size" in (spec.options or {}) else _memory(case)
    values = Fuse(
        **api.components.pod_values(
            spec, metadata, memory=memory, component="fuse", fuse_label=common["fuse_label"]
        ),
        env=_environment(case, spec.env, "fuse"),
        image=image.repository,
        image_tag=image.tag,
        image_pull_policy=spec.image_pull_policy or "IfNotPresent",
        volumes=found.volumes,
        volume_mounts=found.mounts,
        host_network=on_host(case.runtime, "fuse"),
        metrics_port=case.metrics_port("fuse"),
        mount_path=case.target,
        script=_script(case, configs, options, quota=True),
        host_pid=api.pods.fuse_host_pid(case.runtime),
        critical_pod=common["critical_fuse_pod"],
        host_mount_path=dirname(case.target),
        labels_file=spec.clean_policy == "OnFuseChanged",
    )
    return values.model_copy(update={"generation": api.volumes.revision_of(values.to_values())})


def _memory(case: Case) -> Quantity | None:
    """Memory of the cache; the last tier says whether it is in memory."""
    return case.tier.quota if api.tiers.in_memory(case.runtime.spec.tieredstore) else None


def _environment(case: Case, own: Sequence[EnvVar] | None, component: str) -> list[EnvVar]:
    """The user's variables between Fluid's; a credential is filled in by the kubelet."""
    variables = case.volume.variables
    for index, one in enumerate(own or ()):
        if one.name in variables or one.name in RESERVED:
            field = f"spec.{component}.env[{index}].name"
            problem = f"{one.name[:80]!r} is set by Fluid"
            raise api.InvalidSpec(api.Whose.RUNTIME, field, problem, "Choose another name")
    credentials = [api.secret_variable(name, option) for name, option in variables.items()]
    return [*(own or ()), *credentials]


def _revision(volume: Volume) -> str:
    """Hash of what pods take of the mounts when they start; the runtime's own options do not count."""
    secrets = {name: (one.secret, one.key) for name, one in volume.variables.items()}
    content = {"name": volume.mount.name, "path": volume.sub_path, "secrets": sorted(secrets.items())}
    return api.volumes.revision_of({**content, "options": sorted(volume.plain.items())})


def _warnings(case: Case) -> Iterator[api.SpecWarning]:
    if case.tier.level is not None:
        yield from api.tiers.tier_words(case.tier.level)
    yield from case.volume.warnings()
    yield from api.secret_files.hidden_options(case.dataset)
    parts = {"fuse": case.fuse.pod_metadata, "worker": case.worker.pod_metadata}
    for name, part in parts.items():
        metadata = api.pods.pod_metadata(case.runtime.spec.pod_metadata, part)
        yield from api.pods.reserved_labels(metadata.labels, f"labels of spec.{name}")
    yield from api.clean_policy_words(api.Whose.RUNTIME, "spec.fuse.cleanPolicy", case.fuse.clean_policy)


def _refuse_unwritable(case: Case) -> None:
    api.refuse_impossible(api.NamedObject("Dataset"), case.dataset.spec)
    api.refuse_impossible(api.NamedObject("JuiceFSRuntime"), case.runtime.spec)
    api.tiers.refuse_no_room(case.runtime.spec.tieredstore)
    for name, part in (("fuse", case.fuse), ("worker", case.worker)):
        check_options(part.options or {}, f"spec.{name}.options", api.Whose.RUNTIME)
    check_options(case.tier.options, "spec.tieredstore.levels[0]", api.Whose.RUNTIME)
    groups = [one.get("cache-group") for one in (case.fuse_options, case.worker_options)]
    if len({*groups}) > 1:
        problem, fix = "is another cache group than that of the workers", "Write the same in both"
        raise api.InvalidSpec(api.Whose.RUNTIME, "spec.fuse.options[cache-group]", problem, fix)
