"""Everything that the values of one JindoRuntime are made of, each thing found out once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fluid.engines import api
from fluid.engines.jindo.mounts import (
    Credentials,
    Source,
    cache_sets,
    credentials,
    customised,
    endpoints,
    file_store,
)
from fluid.engines.jindo.settings import JindoSettings
from fluid.engines.jindo.shape import PORTS, master, storage, worker
from fluid.engines.jindo.values import CacheSet, Ports
from fluid.models import Dataset, JindoFuseSpec, JindoRuntime


@dataclass(frozen=True)
class Case:
    """A runtime with its Dataset, and what follows from both.

    Attributes:
        runtime: What the user wants; never changed.
        dataset: The Dataset of the same name.
        identity: Its names and labels.
        settings: What the administrator set.
        sources: The Dataset's mounts.
        hadoop_keys: Keys of the ConfigMap that `spec.hadoopConfig` names; None when there is none.
        ports: The ports that the pods listen on.
        image: Image of masters, workers and data operations.
        fuse_image: Image of the FUSE clients.
        fuse: The FUSE clients' part of the spec.
        rdma: Whether the pods talk by RDMA.
        storage: Where the cache keeps data.
        credentials: What pods get to know of credentials.
        endpoints: Endpoints of OSS mounts, by the index of the mount.
        file_store: Keys of the sources for the servers.
        cache_sets: How each mount is cached.
        host_directories: Directories of nodes that are sources.
        claims: Claims that are sources.
        metadata: Labels and annotations by component: its own over the runtime's.
    """

    runtime: JindoRuntime
    dataset: Dataset
    identity: api.naming.Identity
    settings: api.Settings
    sources: Sequence[Source]
    hadoop_keys: frozenset[str] | None
    ports: Ports
    image: api.Image
    fuse_image: api.Image
    fuse: JindoFuseSpec
    rdma: bool
    storage: api.tiers.Storage
    credentials: Credentials
    endpoints: Mapping[int, str]
    file_store: dict[str, str]
    cache_sets: list[CacheSet]
    host_directories: list[api.volumes.DataVolume]
    claims: list[api.source_volumes.ClaimValues]
    metadata: Mapping[str, api.pods.Metadata]

    @classmethod
    def of(
        cls,
        runtime: JindoRuntime,
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
        api.refuse_impossible(api.NamedObject("JindoRuntime"), runtime.spec)
        api.tiers.refuse_no_room(runtime.spec.tieredstore)
        found, own = endpoints(sources), settings.of(JindoSettings)
        return cls(
            runtime,
            dataset,
            identity,
            settings,
            sources,
            hadoop_keys,
            ports=Ports.model_validate(PORTS.used(runtime, given_ports)),
            image=api.pods.chosen_image(runtime.spec.jindo_version, own.smartdata_image),
            fuse_image=api.pods.chosen_image(runtime.spec.fuse, own.fuse_image),
            fuse=runtime.spec.fuse or JindoFuseSpec(),
            rdma=api.pods.uses_rdma(runtime),
            storage=storage(runtime),
            credentials=credentials(sources, runtime.spec.secret or ""),
            endpoints=found,
            file_store=file_store(sources, found),
            cache_sets=cache_sets(sources),
            host_directories=api.source_volumes.directory_values(sources),
            claims=api.source_volumes.claim_values(sources),
            metadata=_metadata(runtime),
        )

    @property
    def mounts_revision(self) -> str:
        """Hash of what pods read of the mounts when they start: keys, credentials, volumes, own cache sets.

        Changes when pods have to be replaced for a change of the mounts, and only then: mounts that need a
        mount command alone do not count, and the operator's own defaults do not, so that its upgrade restarts
        nothing.
        """
        found = self.credentials
        content = {
            "keys": self.file_store,
            "files": sorted((file.path, file.secret, file.key) for file in found.files),
            "secret": found.whole_secret,
            "stores": sorted(found.stores),
            "local": [volume.to_values() for volume in self.host_directories],
            "claims": [volume.to_values() for volume in self.claims],
            "sets": [one.to_values() for one in customised(self.cache_sets)],
        }
        return api.volumes.revision_of(content)


def _metadata(runtime: JindoRuntime) -> dict[str, api.pods.Metadata]:
    spec = runtime.spec
    parts = {"master": master(runtime), "worker": worker(runtime), "fuse": spec.fuse or JindoFuseSpec()}
    found = {
        name: api.pods.pod_metadata(spec.pod_metadata, part.pod_metadata) for name, part in parts.items()
    }
    every = (spec, *parts.values())
    if not any(part.labels for part in every):
        return found
    if any(part.pod_metadata and part.pod_metadata.labels for part in every):
        problem, fix = "is used together with podMetadata.labels", "Use podMetadata.labels alone"
        raise api.InvalidSpec(api.Whose.RUNTIME, "spec.labels", problem, fix)
    return {
        name: api.pods.Metadata(api.pods.merged(spec.labels, part.labels), found[name].annotations)
        for name, part in parts.items()
    }
