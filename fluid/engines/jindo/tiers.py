"""Where JindoCache keeps data: the first tier, in its own spelling."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from fluid.engines.jindo.values import DataVolume
from fluid.engines.kit.tiers import Tier, empty_dir, in_memory, in_units, levels_of, tier, tier_capacities
from fluid.models import JindoRuntime, Level
from fluid.types import Quantity


@dataclass(frozen=True)
class Storage:
    """The tier that a JindoCache works with.

    Attributes:
        tier: The first tier, or 1Gi below /dev/shm.
        declared: Whether the runtime names a tier at all.
        memory: Whether the cache is in memory; the last tier decides.
        directories: Data directories, one below each directory of the tier; the first has the master's data.
    """

    tier: Tier
    declared: bool
    memory: bool
    directories: Sequence[str]

    @property
    def in_pods(self) -> bool:
        """Whether the cache takes memory of the pods, as the runtime says."""
        return self.declared and self.memory

    @cached_property
    def capacities(self) -> str:
        """The sizes in Jindo's spelling, comma separated."""
        return ",".join(in_units(size, gibi="g", mebi="m") for size in self.tier.sizes)

    @property
    def volumes(self) -> list[DataVolume]:
        """Volumes of workers and clients."""
        places = zip(self.tier.paths, self.tier.sizes, strict=True)
        return [self._volume(str(index), path, size) for index, (path, size) in enumerate(places, 1)]

    @property
    def master_volume(self) -> DataVolume:
        """Volume of the master, with its medium and whatever size."""
        level = self.tier.level
        medium = "Memory" if level.volume_type == "emptyDir" and level.mediumtype == "MEM" else ""
        return DataVolume(name="1", path=self.directories[0], type=level.volume_type, medium=medium)

    def _volume(self, name: str, path: str, size: str) -> DataVolume:
        if (empty := empty_dir(self.tier.level)) is None:
            return DataVolume(name=name, path=path)
        return DataVolume(name=name, path=path, type="emptyDir", medium=empty.medium or "", size_limit=size)


def storage(runtime: JindoRuntime) -> Storage:
    """The storage of a runtime.

    Raises:
        InvalidSpec: A path is not usable, or the quotas do not fit the paths.
    """
    store = runtime.spec.tieredstore
    levels = levels_of(store)
    first = tier(levels[0] if levels else _default())
    directories = [f"{path}/{runtime.namespace}/{runtime.name}/jindocache" for path in first.paths]
    return Storage(first, bool(levels), not levels or in_memory(store), directories)


def _default() -> Level:
    return Level(mediumtype="MEM", path="/dev/shm/", quota=Quantity("1Gi"), high="0.8", low="0.6")


def capacities(runtime: JindoRuntime) -> dict[str, int]:
    """Cache bytes of one worker by medium, from all tiers; what cannot be read counts nothing."""
    return tier_capacities(runtime.spec.tieredstore)


def reported_medium(runtime: JindoRuntime) -> Literal["MEM", "Disk"]:
    """What the cache's report calls the medium: the first tier's, whatever later tiers are."""
    levels = levels_of(runtime.spec.tieredstore)
    return "Disk" if levels and levels[0].mediumtype != "MEM" else "MEM"
