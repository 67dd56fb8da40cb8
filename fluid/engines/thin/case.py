"""Everything that the values of one ThinRuntime are made of, each thing found out once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fluid.engines.core.queries import ClaimVolume
from fluid.engines.core.settings import Settings
from fluid.engines.kit.sources import Source, shared_secret_options
from fluid.engines.kit.volumes import Attachments
from fluid.engines.thin.attachments import attachments
from fluid.engines.thin.template import Template
from fluid.models import Dataset
from fluid.naming import Identity


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
    identity: Identity
    settings: Settings
    sources: Sequence[Source]
    claims: Mapping[str, ClaimVolume]

    @property
    def target_path(self) -> str:
        """Where the FUSE clients mount, on the node and in their pods alike."""
        return target_path(self.settings, self.identity)

    @cached_property
    def attached(self) -> Attachments:
        """What FUSE pods mount because of the Dataset's mounts; raises `InvalidSpec`."""
        profile = self.template.of_profile
        policy = profile.node_publish_secret_policy if profile else None
        shared = shared_secret_options(self.dataset)
        return attachments(self.sources, shared, self.claims, policy, self.target_path)


def target_path(settings: Settings, identity: Identity) -> str:
    """Where the FUSE clients of a runtime mount."""
    return f"{settings.host_path('thin', identity.namespace, identity.name)}/thin-fuse"
