"""Sources and tiers as values, for a chart that makes the volumes itself: see `library/volumes.jinja`.

An engine that gives its chart whole volumes uses `attach_source` and `attach_directories` instead.
"""

import re
from collections.abc import Iterable
from typing import Literal

from fluid.charts import ChartValues
from fluid.engines.kit.source_volumes import claim_of, directory_of, folder_of, refuse_taken
from fluid.engines.kit.sources import Source
from fluid.engines.kit.tiers import Tier, empty_dir

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?")
"""What can follow `datavolume-` in the name of a volume."""


class DataVolume(ChartValues):
    """A directory for cached data or metadata, or a directory of the nodes that is a source."""

    name: str
    """What follows `datavolume-` in the volume's name."""
    path: str
    type: Literal["hostPath", "emptyDir"] = "hostPath"
    medium: str = ""
    """Medium of an emptyDir: `Memory`, or empty for the node's default."""
    size_limit: str | None = None
    """Size limit of an emptyDir, as a quantity."""


class ClaimValues(ChartValues):
    """A claim that is a source."""

    name: str
    claim_name: str
    container_path: str
    sub_path: str | None = None
    read_only: bool = True


def tier_values(tier: Tier) -> list[DataVolume]:
    """The directories of a tier, which are mounted where they are; they are numbered from 1 on."""
    empty, found = empty_dir(tier.level), list[DataVolume]()
    for index, (path, size) in enumerate(zip(tier.paths, tier.sizes, strict=True), 1):
        volume = DataVolume(name=str(index), path=path)
        if empty is not None:
            limits = {"type": "emptyDir", "medium": empty.medium or "", "size_limit": size}
            volume = volume.model_copy(update=limits)
        found.append(volume)
    return found


def directory_values(sources: Iterable[Source]) -> list[DataVolume]:
    """Directories of nodes that are mounted where they are, each once however often it is a source.

    Raises:
        InvalidSpec: A directory cannot be mounted.
    """
    volumes: dict[str, DataVolume] = {}
    for source in sources:
        if source.is_local:
            # A number alone is the name of a tier's volume.
            usable = _NAME.fullmatch(source.name) and not source.name.isdigit()
            path, name = f"{directory_of(source)}/", source.name if usable else f"mount-{source.index}"
            volumes.setdefault(path, DataVolume(name=name, path=path))
    return list(volumes.values())


def claim_values(sources: Iterable[Source]) -> list[ClaimValues]:
    """Claims that are sources.

    Raises:
        InvalidSpec: Two claims would be mounted at the same path, or a mount names no claim.
    """
    volumes: dict[str, ClaimValues] = {}
    for source in (source for source in sources if source.is_claim):
        claim = claim_of(source)
        refuse_taken(source, volumes)
        volumes[source.pod_path] = ClaimValues(
            name=claim if _NAME.fullmatch(claim) else f"claim-{source.index}",
            claim_name=claim,
            container_path=source.pod_path,
            sub_path=folder_of(source) or None,
            read_only=source.read_only,
        )
    return list(volumes.values())
