"""Where the cache keeps data, and how much of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from posixpath import normpath
from typing import Literal

from fluid.engines.core.errors import InvalidSpec, SpecWarning, Whose, meaningless
from fluid.engines.jindo.values import DataVolume
from fluid.engines.kit.tiers import tier_capacities
from fluid.models import JindoRuntime, Level
from fluid.types import Quantity

_MEBI, _GIBI = 1024**2, 1024**3
_FIELD = "spec.tieredstore.levels[0]"
_WHOLE = re.compile(r"(\d{1,19})(?:(Gi)|Mi)")
"""Spellings that have a counterpart in Jindo's, which knows the suffixes `g` and `m`, powers of 1024."""


_RATIO = re.compile(r"\d{0,2}\.?\d{1,9}")


@dataclass(frozen=True)
class Storage:
    """The tier that a JindoCache works with: the first one.

    Attributes:
        declared: Whether the runtime names a tier at all; without one, 1Gi below /dev/shm is used.
        paths: Directories as they are mounted, without a slash at the end.
        directories: Data directories, one below each path.
        quotas: Quota of each path.
        capacities: The same in Jindo's spelling, comma separated.
        high: Upper watermark as a ratio.
        low: Lower watermark as a ratio.
        memory: Whether the cache is in memory; the last tier decides.
        volumes: Volumes of workers.
        meta_volume: Volume of the master.
        warnings: What the user should know.
    """

    declared: bool
    paths: Sequence[str]
    directories: Sequence[str]
    quotas: Sequence[Quantity]
    capacities: str
    high: str
    low: str
    memory: bool
    volumes: Sequence[DataVolume]
    meta_volume: DataVolume
    warnings: Sequence[SpecWarning]

    @property
    def quota(self) -> Quantity:
        """The quotas of all paths together."""
        return sum(self.quotas[1:], self.quotas[0])

    @property
    def metadata(self) -> str:
        """Directory of the master's own data."""
        return self.directories[0]


def storage(runtime: JindoRuntime) -> Storage:
    """The storage of a runtime.

    Raises:
        InvalidSpec: A path is not usable, or the quotas do not fit the paths.
    """
    levels = _levels(runtime)
    if not levels:
        return _storage(
            runtime, Level(mediumtype="MEM", path="/dev/shm/", quota=Quantity("1Gi"), high="0.8", low="0.6")
        )
    return _storage(runtime, levels[0], memory=levels[-1].mediumtype == "MEM")


def reported_medium(runtime: JindoRuntime) -> Literal["MEM", "Disk"]:
    """What the cache's report calls the medium: the first tier's, whatever later tiers are."""
    levels = _levels(runtime)
    return "Disk" if levels and levels[0].mediumtype != "MEM" else "MEM"


def _levels(runtime: JindoRuntime) -> list[Level]:
    return (runtime.spec.tieredstore.levels if runtime.spec.tieredstore else None) or []


def _storage(runtime: JindoRuntime, level: Level, *, memory: bool | None = None) -> Storage:
    paths = _paths(level)
    spellings = _spellings(level, len(paths))
    quotas = [_quantity(spelling) for spelling in spellings]
    directories = [f"{path}/{runtime.namespace}/{runtime.name}/jindocache" for path in paths]
    both = level.quota is not None and level.quota_list
    return Storage(
        declared=memory is not None,
        paths=paths,
        directories=directories,
        quotas=quotas,
        capacities=",".join(_dialect(spelling) for spelling in spellings),
        high=level.high or "",
        low=level.low or "",
        memory=memory is not False,
        volumes=[
            _volume(level, str(index), path, spelling)
            for index, (path, spelling) in enumerate(zip(paths, spellings, strict=True), 1)
        ],
        meta_volume=DataVolume(
            name="1",
            path=directories[0],
            type=level.volume_type,
            medium=_medium(level) if _empty_dir(level) else "",
        ),
        warnings=[
            *([SpecWarning("QuotaIgnored", f"{_FIELD}: quotaList counts, quota is ignored")] if both else []),
            *_watermark_warnings(level),
        ],
    )


def _watermark_warnings(level: Level) -> Iterator[SpecWarning]:
    """Watermarks that the cache cannot follow."""
    found: dict[str, float] = {}
    for name, text in (("high", level.high), ("low", level.low)):
        if not text:
            continue
        if not _RATIO.fullmatch(text) or not 0 < float(text) <= 1:
            message, fix = f"{text[:40]!r} is no ratio", "Write a number above 0 and up to 1, such as 0.8"
            yield meaningless(Whose.RUNTIME, f"{_FIELD}.{name}", f"{name}={text}", message, fix)
        else:
            found[name] = float(text)
    if found.get("low", 0) > found.get("high", 1):
        word, message = f"low={level.low},high={level.high}", "is above the high watermark"
        yield meaningless(Whose.RUNTIME, f"{_FIELD}.low", word, message, "Write a lower number")


def _paths(level: Level) -> list[str]:
    paths = [path.strip() for path in (level.path or "").split(",")]
    for path in paths:
        if not path.startswith("/") or ".." in path.split("/") or ":" in path:
            fix = "Write absolute paths without '..' and ':', separated by commas"
            raise InvalidSpec(
                Whose.RUNTIME, f"{_FIELD}.path", f"{path[:80]!r} is not a directory of a node", fix
            )
        if not normpath(path).strip("/"):  # it would be mounted over the container's own root
            message = f"{path[:80]!r} is the root of a node"
            raise InvalidSpec(Whose.RUNTIME, f"{_FIELD}.path", message, "Name a directory below it")
    trimmed = [path.rstrip("/") for path in paths]
    if len(set(trimmed)) < len(trimmed):
        raise InvalidSpec(
            Whose.RUNTIME, f"{_FIELD}.path", "names a directory twice", "Name each directory once"
        )
    return trimmed


def _spellings(level: Level, paths: int) -> list[str]:
    """One quota for each path, as it is to be spelled."""
    if level.quota_list:
        spellings = [spelling.strip() for spelling in level.quota_list.split(",")]
        if len(spellings) != paths:
            message = f"has {len(spellings)} quotas for {paths} paths"
            raise InvalidSpec(Whose.RUNTIME, f"{_FIELD}.quotaList", message, "Give each path one quota")
        return spellings
    if level.quota is None:
        raise InvalidSpec(
            Whose.RUNTIME, _FIELD, "has neither quota nor quotaList", "Say how much the cache may take"
        )
    if paths == 1:
        return [level.quota.canonical()]
    return [_share(level.quota, paths)] * paths


def _share(quota: Quantity, paths: int) -> str:
    """An equal share, rounded down: the shares together never exceed the quota."""
    share = int(quota) // paths
    spelling = f"{share // _MEBI}Mi" if share >= _MEBI else str(share)
    return Quantity(spelling).canonical()


def _quantity(spelling: str) -> Quantity:
    try:
        quantity = Quantity(spelling)
    except ValueError as error:
        raise InvalidSpec(
            Whose.RUNTIME, f"{_FIELD}.quotaList", str(error), "Write quantities, separated by commas"
        ) from None
    if int(quantity) <= 0:
        raise InvalidSpec(
            Whose.RUNTIME, _FIELD, f"the quota {spelling} leaves no room", "Give each path more than 0"
        )
    return quantity


def _dialect(spelling: str) -> str:
    """A quantity in Jindo's spelling, rounded down to what that can say: the cache never takes more."""
    if whole := _WHOLE.fullmatch(spelling):
        return f"{whole[1]}{'g' if whole[2] else 'm'}"
    size = int(Quantity(spelling))
    if size % _GIBI == 0:
        return f"{size // _GIBI}g"
    return f"{size // _MEBI}m" if size >= _MEBI else str(size)


def _volume(level: Level, name: str, path: str, quota: str) -> DataVolume:
    if not _empty_dir(level):
        return DataVolume(name=name, path=path)
    source = level.volume_source.empty_dir if level.volume_source else None
    medium = _medium(level) if source is None else source.medium or ""
    return DataVolume(name=name, path=path, type="emptyDir", medium=medium, size_limit=quota)


def _empty_dir(level: Level) -> bool:
    return level.volume_type == "emptyDir"


def _medium(level: Level) -> str:
    return "Memory" if level.mediumtype == "MEM" else ""


def capacities(runtime: JindoRuntime) -> dict[str, int]:
    """Cache bytes of one worker by medium, from all tiers; what cannot be read counts nothing."""
    return tier_capacities(runtime.spec.tieredstore)
