"""From a ThinRuntime, its profile and its Dataset to the values of the chart: pure, and repeatable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fluid.engines.core.errors import InvalidSpec, NamedObject, SpecWarning, Whose
from fluid.engines.core.limits import refuse_heavy, refuse_impossible
from fluid.engines.core.queries import ClaimVolume
from fluid.engines.core.render import Transformed
from fluid.engines.core.settings import Settings
from fluid.engines.core.spec_words import clean_policy_words
from fluid.engines.kit.components import (
    Metadata,
    RuntimeIdentity,
    fuse_host_pid,
    reserved_labels,
    worker_security,
)
from fluid.engines.kit.foreign_options import Dialect, foreign_words
from fluid.engines.kit.placement import placement, worker_affinity
from fluid.engines.kit.sources import Source, read_only, shared_secret_options, sources_as
from fluid.engines.kit.tiers import attach_directories, levels_of, refuse_no_room
from fluid.engines.kit.volumes import Attachments
from fluid.engines.thin import merging
from fluid.engines.thin.attachments import attachments
from fluid.engines.thin.config import fuse_config
from fluid.engines.thin.values import Fuse, ThinValues, Worker
from fluid.kinds.thin import CACHE_WORDS
from fluid.models import (
    Dataset,
    EnvVar,
    ThinCompTemplateSpec,
    ThinFuseSpec,
    ThinRuntime,
    ThinRuntimeProfile,
    Volume,
    VolumeMount,
)
from fluid.naming import ACCEPTED_OPTIONS, Identity, accepted_options
from fluid.types import Key

_DIALECT = Dialect(
    reader="the FUSE client of a ThinRuntime",
    advice="Write the options that its image reads, such as endpoint and access_key_id for rclone; where the "
    f"image does read this one, list its beginning in the profile's annotation {ACCEPTED_OPTIONS}",
    prefixes=CACHE_WORDS,
)


@dataclass(frozen=True)
class _Case:
    """Everything that values are made of."""

    runtime: ThinRuntime
    profile: ThinRuntimeProfile | None
    dataset: Dataset
    identity: Identity
    settings: Settings
    claims: Mapping[str, ClaimVolume]
    mounted: Sequence[Source]
    attached: Attachments


def transform(
    runtime: ThinRuntime,
    profile: ThinRuntimeProfile | None,
    dataset: Dataset,
    identity: Identity,
    settings: Settings,
    claims: Mapping[str, ClaimVolume],
) -> Transformed[ThinValues]:
    """The values that the chart `thin` is rendered with.

    Args:
        runtime: What the user wants; never changed.
        profile: Its template; None when it names none.
        dataset: The Dataset of the same name.
        identity: Its names and labels.
        settings: What the administrator set.
        claims: The volumes behind the claims that are sources, by claim.

    Raises:
        InvalidSpec: Something cannot be carried out; the message names the field and the next step.
    """
    _refuse_unwritable(runtime, profile, dataset)
    _refuse_settings(settings)
    mounted = sources_as(Source, dataset)
    policy = profile.spec.node_publish_secret_policy if profile and profile.spec else None
    path = target_path(runtime, settings)
    attached = attachments(mounted, shared_secret_options(dataset), claims, policy, path)
    case = _Case(runtime, profile, dataset, identity, settings, claims, mounted, attached)
    fuse_spec = merging.fuse(runtime, profile)
    values = ThinValues(
        runtime_identity=RuntimeIdentity(namespace=runtime.namespace, name=runtime.name),
        owner_dataset_id=identity.dataset_id,
        placement=placement(dataset),
        mounts_revision=attached.revision,
        image_pull_secrets=merging.pull_secrets(runtime, profile) or settings.pull_secrets,
        fuse=_fuse(case, fuse_spec),
        worker=_worker(case),
    )
    words = clean_policy_words(
        Whose.RUNTIME_OR_PROFILE, "fuse.cleanPolicy of runtime or profile", fuse_spec.clean_policy
    )
    return Transformed(
        values,
        [*_foreign_options(profile, mounted), *_warnings(fuse_spec), *words, *_hidden_options(dataset)],
    )


def target_path(runtime: ThinRuntime, settings: Settings) -> str:
    """Where the FUSE clients mount, on the node and in their pods alike."""
    return f"{settings.host_path('thin', runtime.namespace, runtime.name)}/thin-fuse"


def wanted_workers(runtime: ThinRuntime, profile: ThinRuntimeProfile | None) -> int | None:
    """How many workers there are to be; None for a runtime without workers."""
    spec = merging.worker(runtime, profile)
    if not spec.enabled:
        return None
    wanted = runtime.spec.replicas if runtime.spec.replicas is not None else spec.replicas
    return max(wanted or 0, 0)


def _fuse(case: _Case, spec: ThinFuseSpec) -> Fuse:
    path = target_path(case.runtime, case.settings)
    own = (case.runtime.spec.fuse.options if case.runtime.spec.fuse else None) or {}
    metadata = spec.pod_metadata
    volumes, mounts = _volumes(case, "fuse", spec, case.attached)
    config = fuse_config(case.dataset, case.mounted, path, own, case.claims)
    refuse_heavy(config, (case.dataset, case.runtime))
    return Fuse(
        image=_image(case, "fuse", spec),
        image_pull_policy=spec.image_pull_policy or "IfNotPresent",
        image_pull_secrets=spec.image_pull_secrets or [],
        command=spec.command or [],
        args=spec.args or [],
        env=[*(spec.env or []), *_environment(case, spec, path)],
        ports=spec.ports or [],
        resources=spec.resources,
        node_selector={**(spec.node_selector or {}), case.identity.fuse_label: "true"},
        host_network=spec.network_mode != "ContainerNetwork",
        host_pid=fuse_host_pid(case.runtime),
        critical_pod=case.settings.critical_fuse_pod,
        target_path=path,
        volumes=volumes,
        volume_mounts=mounts,
        liveness_probe=spec.liveness_probe,
        readiness_probe=spec.readiness_probe,
        lifecycle=merging.stop_command(spec, path),
        labels=(metadata.labels if metadata else None) or {},
        annotations=(metadata.annotations if metadata else None) or {},
        config=config.text(),
    )


def _worker(case: _Case) -> Worker:
    replicas = wanted_workers(case.runtime, case.profile)
    if replicas is None:
        return Worker()
    spec = merging.worker(case.runtime, case.profile)
    volumes, mounts = _volumes(case, "worker", spec, Attachments())
    tolerations = [one.model_copy() for one in case.dataset.spec.tolerations or []]
    for one in tolerations:
        one.toleration_seconds = None  # a worker is not to leave a node that it may be on
    return Worker(
        enabled=True,
        replica_count=replicas,
        image=_image(case, "worker", spec),
        image_pull_policy=spec.image_pull_policy or "IfNotPresent",
        image_pull_secrets=spec.image_pull_secrets or [],
        env=spec.env or [],
        ports=spec.ports or [],
        resources=spec.resources,
        node_selector=spec.node_selector or {},
        tolerations=tolerations,
        affinity=worker_affinity(case.dataset, case.identity),
        host_network=spec.network_mode != "ContainerNetwork",
        security_context=worker_security(case.runtime),
        volumes=volumes,
        volume_mounts=mounts,
        liveness_probe=spec.liveness_probe,
        readiness_probe=spec.readiness_probe,
    )


def _volumes(
    case: _Case, component: str, spec: ThinFuseSpec | ThinCompTemplateSpec, attached: Attachments
) -> tuple[list[Volume], list[VolumeMount]]:
    """The user's volumes, then the cache directories, then what the mounts need."""
    mounts = spec.volume_mounts or []
    own = merging.volumes(case.runtime, case.profile, component, mounts)
    levels = levels_of(case.runtime.spec.tieredstore)
    directories = attach_directories(levels[0], _directory) if levels else Attachments()
    volumes = [*own, *directories.volumes.values(), *attached.volumes.values()]
    return volumes, [*mounts, *directories.mounts.values(), *attached.mounts.values()]


def _directory(index: int) -> str:
    return f"cache-dir-{index}" if index else "cache-dir"


def _environment(case: _Case, spec: ThinFuseSpec, path: str) -> list[EnvVar]:
    """What Fluid adds to the user's environment."""
    options = dict(spec.options or {})
    template = case.profile.spec.fuse if case.profile and case.profile.spec else None
    if template is None or template.options is None:
        if read_only(case.dataset):
            options.setdefault("ro", "")
    elif "ReadOnlyMany" in (case.dataset.spec.access_modes or ()) and "rw" not in options:
        options.setdefault("ro", "")  # a Dataset that does not say so leaves it to the profile's options
    written = ",".join(f"{key}={value}" if value else key for key, value in sorted(options.items()))
    found = [EnvVar(name="FLUID_FUSE_MOUNTPOINT", value=path), EnvVar(name="MOUNT_POINT", value=path)]
    return [*found, EnvVar(name="MOUNT_OPTIONS", value=written)] if written else found


def _image(case: _Case, component: str, spec: ThinFuseSpec | ThinCompTemplateSpec) -> str:
    if not spec.image:
        where = f"ThinRuntimeProfile {case.profile.name}" if case.profile else "no profile is named"
        raise InvalidSpec(
            Whose.RUNTIME,
            f"spec.{component}.image",
            f"is missing, and there is none from a profile ({where})",
            "Name an image",
        )
    return f"{spec.image}:{spec.image_tag}" if spec.image_tag else spec.image


def _warnings(spec: ThinFuseSpec) -> list[SpecWarning]:
    metadata = spec.pod_metadata
    labels = (metadata.labels if metadata else None) or {}
    return reserved_labels(Metadata(labels, {}), "labels of spec.fuse")


def _foreign_options(profile: ThinRuntimeProfile | None, mounted: Sequence[Source]) -> list[SpecWarning]:
    """Options in the words of another cache, unless the profile says that its image reads them."""
    accepted = accepted_options(profile.metadata.annotations if profile else None)
    return foreign_words(replace(_DIALECT, accepted=accepted), mounted)


def _hidden_options(dataset: Dataset) -> list[SpecWarning]:
    """A warning for each plain option of a mount that the Secret of an encryptOption stands in place of."""
    return [
        SpecWarning(
            "OptionIgnored",
            f"spec.mounts[{index}].options[{option.name[:80]}] is ignored: encryptOptions has it too",
        )
        for index, mount in enumerate(dataset.spec.mounts or ())
        for option in mount.encrypt_options or ()
        if option.name in (mount.options or {})
    ]


def _refuse_unwritable(runtime: ThinRuntime, profile: ThinRuntimeProfile | None, dataset: Dataset) -> None:
    refuse_impossible(NamedObject("Dataset"), dataset.spec)
    refuse_impossible(NamedObject("ThinRuntime"), runtime.spec)
    if profile is not None and profile.spec is not None:
        refuse_impossible(NamedObject("ThinRuntimeProfile", Key("", profile.name)), profile.spec)
    refuse_no_room(runtime.spec.tieredstore)


def _refuse_settings(settings: Settings) -> None:
    if settings.thin_config_storage != "configmap":
        raise InvalidSpec(
            Whose.OPERATOR,
            "THIN_FUSE_CONFIG_STORAGE of the operator",
            f"is {settings.thin_config_storage[:40]!r}, but config.json is kept in ConfigMaps only: "
            "it holds no credentials, these are files below /etc/fluid/secrets",
            "Ask the administrator to remove that variable",
        )
