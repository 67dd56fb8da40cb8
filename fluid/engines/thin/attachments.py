"""What FUSE pods mount because of the Dataset's mounts: Secrets, directories of the node, claims."""

from collections.abc import Iterable, Mapping, Sequence
from posixpath import dirname

from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.core.queries import ClaimVolume
from fluid.engines.kit.secret_files import attach_secret, attach_secrets
from fluid.engines.kit.source_volumes import attach_host_folders, attach_source, claim_of
from fluid.engines.kit.sources import SecretOption, Source
from fluid.engines.kit.volumes import Attachments

COPY = "CopyNodePublishSecretAndMountIfNotExists"
LEAVE = "NotMountNodePublishSecret"
_OWN = "/etc/fluid"
"""Where configuration and Secrets are in the pods."""
_PREFIX = "thin-fuseconfig"


def attachments(
    sources: Sequence[Source],
    shared: Iterable[SecretOption],
    claims: Mapping[str, ClaimVolume],
    secret_policy: str | None,
    target_path: str,
) -> Attachments:
    """Everything that the mounts need.

    Args:
        sources: The Dataset's mounts.
        shared: Credentials that count without any mount as well.
        claims: The volumes behind the claims that are sources, by claim.
        secret_policy: What becomes of the Secret that a claim's volume names for its node plugin.
        target_path: Where the clients mount.

    Raises:
        InvalidSpec: Something cannot be mounted.
    """
    found = Attachments()
    attach_secrets(found, [*shared, *(option for source in sources for option in source.secrets)], _PREFIX)
    for source in sources:
        behind = claims[claim_of(source)] if source.is_claim else None
        if behind is not None and behind.csi is not None:
            if name := _publish_secret(behind, secret_policy):
                attach_secret(found, name, _PREFIX, optional=True)
        elif source.is_local or source.is_claim:
            attach_source(found, source)
    attach_host_folders(found, sources, (_OWN, dirname(target_path)))
    return found


def _publish_secret(behind: ClaimVolume, policy: str | None) -> str:
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
