"""From a ThinRuntime, its profile and its Dataset to the values of the chart: pure, and repeatable."""

from collections.abc import Iterator
from dataclasses import replace

from fluid.engines.core.errors import InvalidSpec, NamedObject, SpecWarning, Whose
from fluid.engines.core.limits import refuse_heavy, refuse_impossible
from fluid.engines.core.render import Transformed
from fluid.engines.core.spec_words import clean_policy_words
from fluid.engines.kit.components import (
    cache_values,
    container_values,
    fuse_host_pid,
    pod_values,
    worker_security,
)
from fluid.engines.kit.foreign_options import Dialect, foreign_words
from fluid.engines.kit.images import named_image
from fluid.engines.kit.metadata import pod_metadata, reserved_labels
from fluid.engines.kit.placement import staying_tolerations, worker_affinity
from fluid.engines.kit.secret_files import hidden_options, plain_credentials
from fluid.engines.kit.sources import read_only
from fluid.engines.kit.tiers import attach_directories, levels_of, refuse_no_room
from fluid.engines.kit.volumes import Attachments
from fluid.engines.thin.case import Case, target_path
from fluid.engines.thin.config import fuse_config
from fluid.engines.thin.settings import ThinSettings
from fluid.engines.thin.template import Template
from fluid.engines.thin.values import Fuse, ThinValues, Worker
from fluid.kinds.thin import CACHE_WORDS
from fluid.models import EnvVar, ThinCompTemplateSpec, ThinFuseSpec, Volume, VolumeMount
from fluid.naming import ACCEPTED_OPTIONS, accepted_options

_DIALECT = Dialect(
    reader="the FUSE client of a ThinRuntime",
    advice="Write the options that its image reads, such as endpoint and access_key_id for rclone; where the "
    f"image does read this one, list its beginning in the profile's annotation {ACCEPTED_OPTIONS}",
    prefixes=CACHE_WORDS,
)


def transform(case: Case) -> Transformed[ThinValues]:
    """The values that the chart `thin` is rendered with.

    Raises:
        InvalidSpec: Something cannot be carried out; the message names the field and the next step.
    """
    template = case.template
    _refuse_unwritable(template, case)
    values = ThinValues(
        **cache_values(
            case.dataset, case.identity, case.settings, template.pull_secrets, case.attached.revision
        ),
        fuse=_fuse(case, template.fuse),
        worker=_worker(case, template.worker),
    )
    return Transformed(values, [*_warnings(case)])


def _fuse(case: Case, spec: ThinFuseSpec) -> Fuse:
    path, runtime = target_path(case.settings, case.identity), case.template.runtime
    own = (runtime.spec.fuse.options if runtime.spec.fuse else None) or {}
    volumes, mounts = _volumes(case, "fuse", spec, case.attached)
    config = fuse_config(case.dataset, case.sources, path, own, case.claims)
    refuse_heavy(config, (case.dataset, runtime))
    return Fuse(
        **pod_values(spec, pod_metadata(spec.pod_metadata), fuse_label=case.identity.fuse_label),
        **container_values(spec),
        image=_image(case.template, "fuse", spec),
        command=spec.command or [],
        args=spec.args or [],
        env=[*(spec.env or []), *_environment(case, spec, path)],
        host_pid=fuse_host_pid(runtime),
        critical_pod=case.settings.critical_fuse_pod,
        target_path=path,
        volumes=volumes,
        volume_mounts=mounts,
        lifecycle=case.template.stop_command(path),
        config=config.text(),
    )


def _worker(case: Case, spec: ThinCompTemplateSpec) -> Worker:
    replicas = case.template.workers
    if replicas is None:
        return Worker()
    volumes, mounts = _volumes(case, "worker", spec, Attachments())
    return Worker(
        **pod_values(spec, pod_metadata()),
        **container_values(spec),
        enabled=True,
        replica_count=replicas,
        image=_image(case.template, "worker", spec),
        env=spec.env or [],
        tolerations=staying_tolerations(case.dataset),
        affinity=worker_affinity(case.dataset, case.identity),
        security_context=worker_security(case.template.runtime),
        volumes=volumes,
        volume_mounts=mounts,
    )


def _volumes(
    case: Case, component: str, spec: ThinFuseSpec | ThinCompTemplateSpec, attached: Attachments
) -> tuple[list[Volume], list[VolumeMount]]:
    """The user's volumes, then the cache directories, then what the mounts need."""
    mounts = spec.volume_mounts or []
    own = case.template.volumes(component, mounts)
    levels = levels_of(case.template.runtime.spec.tieredstore)
    directories = attach_directories(levels[0], _directory) if levels else Attachments()
    volumes = [*own, *directories.volumes.values(), *attached.volumes.values()]
    return volumes, [*mounts, *directories.mounts.values(), *attached.mounts.values()]


def _directory(index: int) -> str:
    return f"cache-dir-{index}" if index else "cache-dir"


def _environment(case: Case, spec: ThinFuseSpec, path: str) -> list[EnvVar]:
    """What Fluid adds to the user's environment."""
    options = dict(spec.options or {})
    template = case.template.of_profile.fuse if case.template.of_profile else None
    if template is None or template.options is None:
        if read_only(case.dataset):
            options.setdefault("ro", "")
    elif "ReadOnlyMany" in (case.dataset.spec.access_modes or ()) and "rw" not in options:
        options.setdefault("ro", "")  # a Dataset that does not say so leaves it to the profile's options
    written = ",".join(f"{key}={value}" if value else key for key, value in sorted(options.items()))
    found = [EnvVar(name="FLUID_FUSE_MOUNTPOINT", value=path), EnvVar(name="MOUNT_POINT", value=path)]
    return [*found, EnvVar(name="MOUNT_OPTIONS", value=written)] if written else found


def _image(template: Template, component: str, spec: ThinFuseSpec | ThinCompTemplateSpec) -> str:
    where = f"ThinRuntimeProfile {template.profile.name}" if template.profile else "no profile is named"
    missing = f"is missing, and there is none from a profile ({where})"
    return named_image(spec, f"spec.{component}.image", missing)


def _warnings(case: Case) -> Iterator[SpecWarning]:
    profile, fuse = case.template.profile, case.template.fuse
    accepted = accepted_options(profile.metadata.annotations if profile else None)
    yield from foreign_words(replace(_DIALECT, accepted=accepted), case.sources)
    yield from reserved_labels(pod_metadata(fuse.pod_metadata).labels, "labels of spec.fuse")
    where = "fuse.cleanPolicy of runtime or profile"
    yield from clean_policy_words(Whose.RUNTIME_OR_PROFILE, where, fuse.clean_policy)
    yield from hidden_options(case.dataset)
    for source in case.sources:
        yield from plain_credentials(source)


def _refuse_unwritable(template: Template, case: Case) -> None:
    refuse_impossible(NamedObject("Dataset"), case.dataset.spec)
    refuse_impossible(NamedObject("ThinRuntime"), template.runtime.spec)
    if template.profile is not None and template.of_profile is not None:
        refuse_impossible(NamedObject.of(template.profile), template.of_profile)
    refuse_no_room(template.runtime.spec.tieredstore)
    storage = case.settings.of(ThinSettings).config_storage
    if storage != "configmap":
        raise InvalidSpec(
            Whose.OPERATOR,
            "THIN_FUSE_CONFIG_STORAGE of the operator",
            f"is {storage[:40]!r}, but config.json is kept in ConfigMaps only: "
            "it holds no credentials, these are files below /etc/fluid/secrets",
            "Ask the administrator to remove that variable",
        )
