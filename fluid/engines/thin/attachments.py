"""What FUSE pods mount because of the Dataset's mounts: Secrets, directories of the node, claims.

Secrets are mounted as directories and never by subPath, so that a changed one arrives; nobody here reads one.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fluid.engines.core.errors import InvalidSpec, NamedObject, Whose
from fluid.engines.core.queries import ClaimVolume
from fluid.engines.kit.sources import SecretOption, Source
from fluid.models import (
    HostPathVolumeSource,
    PersistentVolumeClaimVolumeSource,
    SecretVolumeSource,
    Volume,
    VolumeMount,
)

SECRETS = "/etc/fluid/secrets"
"""Directory of the FUSE pods with a directory for each Secret."""
COPY = "CopyNodePublishSecretAndMountIfNotExists"
LEAVE = "NotMountNodePublishSecret"
_SECRET = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-.a-z0-9]*[a-z0-9])?")
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_VOLUME = re.compile(r"(?=.{1,63}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?")


@dataclass
class Attachments:
    """Volumes, and where they are mounted; what stands there twice is one."""

    volumes: dict[str, Volume] = field(default_factory=dict[str, Volume])
    mounts: dict[str, VolumeMount] = field(default_factory=dict[str, VolumeMount])

    def add(self, volume: Volume, mount: VolumeMount) -> None:
        """Add a volume at a path."""
        self.volumes[volume.name] = volume
        self.mounts[mount.mount_path] = mount

    @property
    def revision(self) -> str:
        """Hash of all: pods with another one lack a volume, or have one too many."""
        parts = [one.to_wire() for one in (*self.volumes.values(), *self.mounts.values())]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def attachments(
    sources: Sequence[Source],
    shared: Iterable[SecretOption],
    claims: Mapping[str, ClaimVolume],
    secret_policy: str,
) -> Attachments:
    """Everything that the mounts need.

    Args:
        sources: The Dataset's mounts.
        shared: Credentials that count without any mount as well.
        claims: The volumes behind the claims that are sources, by claim.
        secret_policy: What becomes of the Secret that a claim's volume names for its node plugin.

    Raises:
        InvalidSpec: Something cannot be mounted.
    """
    found = Attachments()
    for option in (*shared, *(option for source in sources for option in source.secrets)):
        _refuse_unusable(option)
        if f"{SECRETS}/{option.secret}" not in found.mounts:
            found.add(*_secret(option.secret, optional=False))
    for source in sources:
        if source.is_local:
            _attach(found, source, _directory(source))
        elif source.is_claim:
            behind = claims[claim_of(source)]
            if behind.csi is None:
                _attach(found, source, _claim(source))
                continue
            name = _publish_secret(behind, secret_policy)
            if name and f"{SECRETS}/{name}" not in found.mounts:
                found.add(*_secret(name, optional=True))
    return found


def secret_path(option: SecretOption) -> str:
    """The file that holds a credential."""
    return f"{SECRETS}/{option.secret}/{option.key}"


def claim_of(source: Source) -> str:
    """The claim of a `pvc://<claim>/<folder>` source.

    Raises:
        InvalidSpec: It names none.
    """
    claim = source.uri.removeprefix("pvc://").partition("/")[0]
    if not _SECRET.fullmatch(claim):
        raise InvalidSpec(
            Whose.DATASET, f"{source.path}.mountPoint", "names no claim", "Write pvc://<claim>/<path>"
        )
    return claim


def _attach(found: Attachments, source: Source, volume: Volume) -> None:
    if source.pod_path in found.mounts:
        raise InvalidSpec(
            Whose.DATASET,
            f"{source.path}.path",
            f"{source.pod_path} is taken",
            "Give each mount its own path",
        )
    below = source.uri.removeprefix("pvc://").partition("/")[2].strip("/") if source.is_claim else ""
    mount = VolumeMount(name=volume.name, mount_path=source.pod_path, read_only=source.read_only)
    if below:
        if ".." in below.split("/"):
            raise InvalidSpec(
                Whose.DATASET, f"{source.path}.mountPoint", "leaves its claim", "Write a path without '..'"
            )
        mount.sub_path = below
    if source.is_local:
        mount.mount_propagation = "HostToContainer"  # what the node mounts there later is seen
    found.add(volume, mount)


def _directory(source: Source) -> Volume:
    path = source.uri.removeprefix("local://").rstrip("/") or "/"
    if ".." in path.split("/"):
        raise InvalidSpec(
            Whose.DATASET, f"{source.path}.mountPoint", f"{path[:80]!r} has '..'", "Write the path without it"
        )
    return Volume(name=_name("source", source.uri), host_path=HostPathVolumeSource(path=path))


def _claim(source: Source) -> Volume:
    claim = claim_of(source)
    reference = PersistentVolumeClaimVolumeSource(claim_name=claim)
    return Volume(name=_name("source", f"pvc://{claim}"), persistent_volume_claim=reference)


def _secret(name: str, *, optional: bool) -> tuple[Volume, VolumeMount]:
    source = SecretVolumeSource(secret_name=name)
    if optional:
        source.optional = True
    volume = f"thin-fuseconfig-{name}"
    if not _VOLUME.fullmatch(volume):
        volume = _name("thin-fuseconfig", name)
    mount = VolumeMount(name=volume, mount_path=f"{SECRETS}/{name}", read_only=True)
    return Volume(name=volume, secret=source), mount


def _publish_secret(behind: ClaimVolume, policy: str) -> str:
    reference = behind.csi.node_publish_secret_ref if behind.csi else None
    if reference is None or not reference.name or policy == LEAVE:
        return ""
    if policy == COPY:
        raise InvalidSpec(
            NamedObject("ThinRuntimeProfile"),
            "spec.nodePublishSecretPolicy",
            f"{COPY} needs a right on Secrets, which Fluid does not have",
            f"Copy Secret {reference.name} yourself and use MountNodePublishSecretIfExists",
        )
    return reference.name


def _refuse_unusable(option: SecretOption) -> None:
    path = f"{option.path}.valueFrom.secretKeyRef"
    if not _SECRET.fullmatch(option.secret):
        raise InvalidSpec(
            Whose.DATASET, f"{path}.name", f"{option.secret[:63]!r} is no name of a Secret", "Correct it"
        )
    if not _KEY.fullmatch(option.key) or option.key in (".", ".."):
        raise InvalidSpec(
            Whose.DATASET, f"{path}.key", f"{option.key[:63]!r} is no key of a Secret", "Correct it"
        )


def _name(prefix: str, text: str) -> str:
    return f"{prefix}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"
