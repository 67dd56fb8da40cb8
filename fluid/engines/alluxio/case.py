"""Everything that the values of one AlluxioRuntime are made of, each thing found out once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fluid.engines import api
from fluid.engines.alluxio.mounts import Source, attachments, root_of, root_properties, secret_volumes
from fluid.engines.alluxio.settings import AlluxioSettings
from fluid.engines.alluxio.shape import Tier, tiers, used_ports
from fluid.models import AlluxioRuntime, Dataset


@dataclass(frozen=True)
class Case:
    """A runtime with its Dataset, and what follows from both.

    Attributes:
        runtime: What the user wants; never changed.
        dataset: The Dataset of the same name.
        identity: Its names and labels.
        settings: What the administrator set.
        sources: The Dataset's mounts.
        hadoop: What of Hadoop's configuration there is; None for none.
        ports: The ports that pods listen on, by purpose.
        tiers: Where workers keep data.
        image: Image of the servers and loaders.
        fuse_image: Image of the FUSE clients.
        native: Sources that the servers mount themselves.
        secrets: Secrets that the masters mount.
    """

    runtime: AlluxioRuntime
    dataset: Dataset
    identity: api.naming.Identity
    settings: api.Settings
    sources: Sequence[Source]
    hadoop: api.config_maps.HadoopConfig | None
    ports: Mapping[str, int]
    tiers: Sequence[Tier]
    image: api.Image
    fuse_image: api.Image
    native: api.volumes.Attachments
    secrets: api.volumes.Attachments

    @classmethod
    def of(
        cls,
        runtime: AlluxioRuntime,
        dataset: Dataset,
        identity: api.naming.Identity,
        settings: api.Settings,
        given_ports: Mapping[str, int],
        sources: Sequence[Source],
        hadoop_keys: frozenset[str] | None = None,
    ) -> "Case":
        """A runtime with its Dataset; host ports, by purpose, are ignored on the container network.

        Raises:
            InvalidSpec: Something cannot be carried out; the message names the field and the next step.
        """
        api.refuse_impossible(api.NamedObject("Dataset"), dataset.spec)
        api.refuse_impossible(api.NamedObject("AlluxioRuntime"), runtime.spec)
        api.tiers.refuse_no_room(runtime.spec.tieredstore)
        own = settings.of(AlluxioSettings)
        return cls(
            runtime,
            dataset,
            identity,
            settings,
            sources,
            hadoop=api.config_maps.hadoop_config(runtime.spec.hadoop_config, hadoop_keys),
            ports=used_ports(runtime, given_ports),
            tiers=tiers(runtime),
            image=api.pods.chosen_image(runtime.spec.alluxio_version, own.image),
            fuse_image=api.pods.chosen_image(runtime.spec.fuse, own.fuse_image),
            native=attachments(sources),
            secrets=secret_volumes(sources),
        )

    @property
    def root(self) -> Source | None:
        """The source that is the root of the namespace; None where others are below it."""
        return root_of(self.sources)

    @property
    def only_http(self) -> bool:
        """Whether all sources are read by HTTP; so are none."""
        return all(source.scheme in ("http", "https") for source in self.sources)

    @property
    def mounts_revision(self) -> str:
        """Hash of what workers mount of the sources; with another one their pods have to be replaced."""
        return api.volumes.revision_of({"native": self.native.revision})

    @property
    def master_revision(self) -> str:
        """Hash of what masters read of the mounts when they start: volumes, Secrets, and the root.

        Mounts that need a command alone do not count, so that nothing is restarted for them.
        """
        root = self.root
        content = {
            "native": self.native.revision,
            "secrets": self.secrets.revision,
            "root": [root.uri, root_properties(root)] if root else [],
            "credentials": [str(option) for option in root.credentials.values()] if root else [],
        }
        return api.volumes.revision_of(content)
