"""Everything that the values of one ThinRuntime are made of, each thing found out once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from posixpath import dirname

from fluid.engines import api
from fluid.engines.thin.template import Template
from fluid.models import Dataset

COPY = "CopyNodePublishSecretAndMountIfNotExists"
LEAVE = "NotMountNodePublishSecret"
_OWN = "/etc/fluid"
"""Where configuration and Secrets are in the pods."""
_SECRETS = "thin-fuseconfig"
"""What the names of the volumes of Secrets begin with."""


@dataclass(frozen=True)
class Case:
    """A runtime with its Dataset.

    Attributes:
        template: The runtime over its profile.
        dataset: The Dataset of the same name.
        identity: Its names and labels.
        settings: What the administrator set.
        sources: The Dataset's mounts.
        claims: The volumes behind the claims that are sources, by claim.
    """

    template: Template
    dataset: Dataset
    identity: api.naming.Identity
    settings: api.Settings
    sources: Sequence[api.Source]
    claims: Mapping[str, api.ClaimVolume]

    @cached_property
    def attached(self) -> api.volumes.Attachments:
        """What FUSE pods mount because of the Dataset's mounts: Secrets, directories of nodes, claims.

        Raises:
            InvalidSpec: Something cannot be mounted.
        """
        found = api.volumes.Attachments()
        own = (option for source in self.sources for option in source.secrets)
        api.secret_files.attach_secrets(found, [*api.shared_secret_options(self.dataset), *own], _SECRETS)
        for source in self.sources:
            behind = self.claims[api.source_volumes.claim_of(source)] if source.is_claim else None
            if behind is not None and behind.csi is not None:
                if name := self._publish_secret(behind):
                    api.secret_files.attach_secret(found, name, _SECRETS, optional=True)
            elif source.is_local or source.is_claim:
                api.source_volumes.attach_source(found, source)
        api.source_volumes.attach_host_folders(
            found, self.sources, (_OWN, dirname(target_path(self.settings, self.identity)))
        )
        return found

    def _publish_secret(self, behind: api.ClaimVolume) -> str:
        """The Secret that a claim's volume names for its node plugin, as far as the clients get it."""
        policy = self.template.of_profile.node_publish_secret_policy if self.template.of_profile else None
        reference = behind.csi.node_publish_secret_ref if behind.csi else None
        if reference is None or not reference.name or policy == LEAVE:
            return ""
        if policy == COPY:
            raise api.InvalidSpec(
                api.NamedObject("ThinRuntimeProfile"),
                "spec.nodePublishSecretPolicy",
                f"{COPY} needs a right on Secrets, which Fluid does not have",
                f"Copy Secret {reference.name} yourself and use MountNodePublishSecretIfExists",
            )
        return reference.name


def target_path(settings: api.Settings, identity: api.naming.Identity) -> str:
    """Where the FUSE clients of a runtime mount, on the node and in their pods alike."""
    return f"{settings.host_path('thin', identity.namespace, identity.name)}/thin-fuse"
