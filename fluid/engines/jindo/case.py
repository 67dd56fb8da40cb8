"""Everything that the values of one JindoRuntime are made of, each thing found out once."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.core.settings import Settings
from fluid.engines.core.variables import Image
from fluid.engines.jindo.credentials import Credentials, credentials
from fluid.engines.jindo.settings import JindoSettings
from fluid.engines.jindo.sources import Source
from fluid.engines.jindo.storage import (
    cache_sets,
    claims,
    customised,
    endpoints,
    file_store,
    host_directories,
)
from fluid.engines.jindo.tiers import Storage, storage
from fluid.engines.jindo.topology import master, used_ports, worker
from fluid.engines.jindo.values import CacheSet, DataVolume, Ports, UfsVolume
from fluid.engines.kit.images import chosen_image
from fluid.engines.kit.metadata import Metadata, merged, pod_metadata
from fluid.engines.kit.sources import read_only
from fluid.models import Dataset, JindoFuseSpec, JindoRuntime
from fluid.naming import Identity


@dataclass(frozen=True)
class Case:
    """A runtime with its Dataset. What cannot be carried out raises `InvalidSpec` where it is asked for.

    Attributes:
        runtime: What the user wants; never changed.
        dataset: The Dataset of the same name.
        identity: Its names and labels.
        settings: What the administrator set.
        given_ports: Host ports of this runtime by purpose; ignored on the container network.
        sources: The Dataset's mounts.
        hadoop_keys: Keys of the ConfigMap that `spec.hadoopConfig` names; None when there is none.
    """

    runtime: JindoRuntime
    dataset: Dataset
    identity: Identity
    settings: Settings
    given_ports: Mapping[str, int]
    sources: Sequence[Source]
    hadoop_keys: frozenset[str] | None = None

    @property
    def read_only(self) -> bool:
        """Whether the Dataset is only read."""
        return read_only(self.dataset)

    @property
    def fuse(self) -> JindoFuseSpec:
        """The FUSE clients' part of the spec."""
        return self.runtime.spec.fuse or JindoFuseSpec()

    @property
    def image(self) -> Image:
        """Image of masters, workers and data operations."""
        return chosen_image(self.runtime.spec.jindo_version, self.settings.of(JindoSettings).smartdata_image)

    @property
    def fuse_image(self) -> Image:
        """Image of the FUSE clients."""
        return chosen_image(self.runtime.spec.fuse, self.settings.of(JindoSettings).fuse_image)

    @cached_property
    def ports(self) -> Ports:
        """The ports that the pods listen on."""
        return Ports.model_validate(used_ports(self.runtime, self.given_ports))

    @cached_property
    def storage(self) -> Storage:
        """Where the cache keeps data."""
        return storage(self.runtime)

    @cached_property
    def credentials(self) -> Credentials:
        """What pods get to know of credentials."""
        return credentials(self.sources, self.runtime.spec.secret or "")

    @cached_property
    def endpoints(self) -> dict[int, str]:
        """Endpoints of OSS mounts, by the index of the mount."""
        return endpoints(self.sources)

    @cached_property
    def file_store(self) -> dict[str, str]:
        """Keys of the sources for the servers."""
        return file_store(self.sources, self.endpoints)

    @cached_property
    def cache_sets(self) -> list[CacheSet]:
        """How each mount is cached."""
        return cache_sets(self.sources)

    @cached_property
    def host_directories(self) -> list[DataVolume]:
        """Directories of nodes that are sources."""
        return host_directories(self.sources)

    @cached_property
    def claims(self) -> list[UfsVolume]:
        """Claims that are sources."""
        return claims(self.sources)

    @cached_property
    def metadata(self) -> Mapping[str, Metadata]:
        """Labels and annotations by component: its own over the runtime's.

        Raises:
            InvalidSpec: Both ways of setting labels are used.
        """
        spec = self.runtime.spec
        parts = {"master": master(self.runtime), "worker": worker(self.runtime), "fuse": self.fuse}
        every = (spec, *parts.values())
        found = {name: pod_metadata(spec.pod_metadata, part.pod_metadata) for name, part in parts.items()}
        if not any(part.labels for part in every):
            return found
        if any(part.pod_metadata and part.pod_metadata.labels for part in every):
            problem, fix = "is used together with podMetadata.labels", "Use podMetadata.labels alone"
            raise InvalidSpec(Whose.RUNTIME, "spec.labels", problem, fix)
        return {
            name: Metadata(merged(spec.labels, part.labels), found[name].annotations)
            for name, part in parts.items()
        }

    @cached_property
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
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
