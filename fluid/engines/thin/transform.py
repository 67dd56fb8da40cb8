"""From a ThinRuntime, its profile and its Dataset to the values of the chart: pure, and repeatable."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fluid.engines import api
from fluid.engines.thin.case import Case, target_path
from fluid.engines.thin.config import fuse_config
from fluid.engines.thin.template import Template
from fluid.engines.thin.values import Fuse, ThinValues, Worker
from fluid.kinds.thin import CACHE_WORDS
from fluid.models import EnvVar, ThinCompTemplateSpec, ThinFuseSpec, Volume, VolumeMount

_DIALECT = api.options.Dialect(
    reader="the FUSE client of a ThinRuntime",
    advice="Write the options that its image reads, such as endpoint and access_key_id for rclone; where the "
    f"image does read this one, list its beginning in the profile's annotation {api.naming.ACCEPTED_OPTIONS}",
    prefixes=CACHE_WORDS,
)


@dataclass(frozen=True)
class ThinSettings:
    """What existing installations may have set."""

    config_storage: str = api.variable(
        "THIN_FUSE_CONFIG_STORAGE",
        "configmap",
        "Where ThinRuntimes keep `config.json`; only `configmap` is carried out.",
        read=str.lower,
    )


def transform(case: Case) -> api.Transformed[ThinValues]:
    """The values that the chart `thin` is rendered with.

    Raises:
        InvalidSpec: Something cannot be carried out; the message names the field and the next step.
    """
    template = case.template
    _refuse_unwritable(template, case)
    secrets, revision = template.pull_secrets, case.attached.revision
    found = case.dataset, case.identity, case.settings, "thin"
    common = api.cache_values(*found, pull_secrets=secrets, revision=revision)
    fuse, worker = _fuse(case, template.fuse, common), _worker(case, template.worker, common)
    values = ThinValues(**common, fuse=fuse, worker=worker)
    return api.Transformed(values, [*_warnings(case)])


def _fuse(case: Case, spec: ThinFuseSpec, common: api.components.OfCache) -> Fuse:
    path, runtime = target_path(case.settings, case.identity), case.template.runtime
    own = (runtime.spec.fuse.options if runtime.spec.fuse else None) or {}
    volumes, mounts = _volumes(case, "fuse", spec, case.attached)
    config = fuse_config(case.dataset, case.sources, path, own, case.claims)
    api.refuse_heavy(config, (case.dataset, runtime))
    return Fuse(
        **api.components.pod_values(
            spec, api.pods.pod_metadata(spec.pod_metadata), fuse_label=common["fuse_label"]
        ),
        **api.components.container_values(spec),
        image=_image(case.template, "fuse", spec),
        command=spec.command or [],
        args=spec.args or [],
        env=[*(spec.env or []), *_environment(case, spec, path)],
        host_pid=api.pods.fuse_host_pid(runtime),
        critical_pod=common["critical_fuse_pod"],
        target_path=path,
        volumes=volumes,
        volume_mounts=mounts,
        lifecycle=case.template.stop_command(path),
        config=config.text(),
    )


def _worker(case: Case, spec: ThinCompTemplateSpec, common: api.components.OfCache) -> Worker:
    replicas = case.template.workers
    if replicas is None:
        return Worker()
    volumes, mounts = _volumes(case, "worker", spec, api.volumes.Attachments())
    return Worker(
        **api.components.pod_values(spec, api.pods.pod_metadata()),
        **api.components.container_values(spec),
        enabled=True,
        replica_count=replicas,
        image=_image(case.template, "worker", spec),
        env=spec.env or [],
        tolerations=api.pods.staying_tolerations(case.dataset),
        affinity=common["worker_affinity"],
        security_context=api.pods.worker_security(case.template.runtime),
        volumes=volumes,
        volume_mounts=mounts,
    )


def _volumes(
    case: Case, component: str, spec: ThinFuseSpec | ThinCompTemplateSpec, attached: api.volumes.Attachments
) -> tuple[list[Volume], list[VolumeMount]]:
    """The user's volumes, then the cache directories, then what the mounts need."""
    mounts = spec.volume_mounts or []
    own = case.template.volumes(component, mounts)
    levels = api.tiers.levels_of(case.template.runtime.spec.tieredstore)
    directories = api.tiers.attach_directories(levels[0], _directory) if levels else api.volumes.Attachments()
    volumes = [*own, *directories.volumes.values(), *attached.volumes.values()]
    return volumes, [*mounts, *directories.mounts.values(), *attached.mounts.values()]


def _directory(index: int) -> str:
    return f"cache-dir-{index}" if index else "cache-dir"


def _environment(case: Case, spec: ThinFuseSpec, path: str) -> list[EnvVar]:
    """What Fluid adds to the user's environment."""
    options = dict(spec.options or {})
    template = case.template.of_profile.fuse if case.template.of_profile else None
    if template is None or template.options is None:
        if api.read_only(case.dataset):
            options.setdefault("ro", "")
    elif "ReadOnlyMany" in (case.dataset.spec.access_modes or ()) and "rw" not in options:
        options.setdefault("ro", "")  # a Dataset that does not say so leaves it to the profile's options
    written = ",".join(f"{key}={value}" if value else key for key, value in sorted(options.items()))
    found = [EnvVar(name="FLUID_FUSE_MOUNTPOINT", value=path), EnvVar(name="MOUNT_POINT", value=path)]
    return [*found, EnvVar(name="MOUNT_OPTIONS", value=written)] if written else found


def _image(template: Template, component: str, spec: ThinFuseSpec | ThinCompTemplateSpec) -> str:
    where = f"ThinRuntimeProfile {template.profile.name}" if template.profile else "no profile is named"
    missing = f"is missing, and there is none from a profile ({where})"
    return api.pods.named_image(spec, f"spec.{component}.image", missing)


def _warnings(case: Case) -> Iterator[api.SpecWarning]:
    profile, fuse = case.template.profile, case.template.fuse
    accepted = api.naming.accepted_options(profile.metadata.annotations if profile else None)
    yield from api.options.foreign_words(replace(_DIALECT, accepted=accepted), case.sources)
    yield from api.pods.reserved_labels(
        api.pods.pod_metadata(fuse.pod_metadata).labels, "labels of spec.fuse"
    )
    where = "fuse.cleanPolicy of runtime or profile"
    yield from api.clean_policy_words(api.Whose.RUNTIME_OR_PROFILE, where, fuse.clean_policy)
    yield from api.secret_files.hidden_options(case.dataset)
    for source in case.sources:
        yield from api.plain_credentials(source)


def _refuse_unwritable(template: Template, case: Case) -> None:
    api.refuse_impossible(api.NamedObject("Dataset"), case.dataset.spec)
    api.refuse_impossible(api.NamedObject("ThinRuntime"), template.runtime.spec)
    if template.profile is not None and template.of_profile is not None:
        api.refuse_impossible(api.NamedObject.of(template.profile), template.of_profile)
    api.tiers.refuse_no_room(template.runtime.spec.tieredstore)
    storage = case.settings.of(ThinSettings).config_storage
    if storage != "configmap":
        raise api.InvalidSpec(
            api.Whose.OPERATOR,
            "THIN_FUSE_CONFIG_STORAGE of the operator",
            f"is {storage[:40]!r}, but config.json is kept in ConfigMaps only: "
            "it holds no credentials, these are files below /etc/fluid/secrets",
            "Ask the administrator to remove that variable",
        )
