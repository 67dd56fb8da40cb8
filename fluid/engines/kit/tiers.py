"""Tiers: where a cache keeps data on each worker, how much of it, and from when on it makes room.

A tier has one or several directories, separated by commas, of one medium. They are directories of the nodes
or emptyDirs of the pods. Either one quota is shared out evenly over them, or a list has a size for each. How
a cache spells sizes, what its volumes are called and which of its tiers count is the engine's: see
`in_units`, `attach_directories` and `tier`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from posixpath import normpath

from fluid.engines.core.errors import InvalidSpec, SpecWarning, Whose, meaningless
from fluid.engines.kit.volumes import Attachments, DataVolume
from fluid.models import (
    EmptyDirVolumeSource,
    HostPathVolumeSource,
    Level,
    TieredStore,
    Volume,
    VolumeMount,
)
from fluid.types import Quantity

_MEBI, _GIBI = 1024**2, 1024**3
_RATIO = re.compile(r"\d{0,2}\.?\d{1,9}")
_WHOLE = re.compile(r"(\d{1,19})(?:(Gi)|Mi)")


@dataclass(frozen=True)
class Tier:
    """One tier, whose directories and sizes are usable.

    Attributes:
        level: The tier as it is written.
        paths: Directories as they are mounted, without a slash at the end.
        sizes: Size of each directory as a quantity, in the user's spelling where there is one.
    """

    level: Level
    paths: Sequence[str]
    sizes: Sequence[str]

    @property
    def quota(self) -> Quantity:
        """The sizes of all directories together."""
        first, *others = (Quantity(size) for size in self.sizes)
        return sum(others, first)


@dataclass(frozen=True)
class Storage:
    """Where the workers of a runtime keep data: the first tier, in directories of the runtime's own.

    Attributes:
        tier: The tier.
        declared: Whether the runtime names a tier at all.
        memory: Whether the cache is in memory; the last tier decides.
        directories: Data directories, one below each directory of the tier.
    """

    tier: Tier
    declared: bool
    memory: bool
    directories: Sequence[str]

    @property
    def pod_memory(self) -> Quantity | None:
        """Memory that the cache takes of a worker's pod; None unless the runtime says so."""
        return self.tier.quota if self.declared and self.memory else None


def levels_of(store: TieredStore | None) -> list[Level]:
    """The tiers as they are written; none if the runtime names none."""
    return (store.levels if store else None) or []


def in_memory(store: TieredStore | None) -> bool:
    """Whether the cache is in memory, where the last tier decides."""
    levels = levels_of(store)
    return bool(levels) and levels[-1].mediumtype == "MEM"


def tier(level: Level, index: int = 0) -> Tier:
    """A tier with the directories and sizes that its cache works with.

    Args:
        level: The tier as it is written.
        index: Its position in the store.

    Raises:
        InvalidSpec: A directory is not usable, or the sizes do not fit the directories.
    """
    paths = directories(level, index)
    sizes = _shares(level, index, len(paths))
    for size in sizes:
        _refuse_empty(size, index)
    return Tier(level, paths, sizes)


def storage(store: TieredStore | None, default: Level, below: str) -> Storage:
    """Where a cache that works with one tier keeps data.

    Args:
        store: The tiers of the runtime.
        default: The tier of a runtime that names none, which is in memory.
        below: The runtime's own directory below those of the tier.

    Raises:
        InvalidSpec: A path is not usable, or the quotas do not fit the paths.
    """
    levels = levels_of(store)
    first = tier(levels[0] if levels else default)
    directories = [f"{path}/{below}" for path in first.paths]
    return Storage(first, bool(levels), not levels or in_memory(store), directories)


def directories(level: Level, index: int = 0, separator: str = ",") -> list[str]:
    """The directories of a tier, without a slash at the end.

    Raises:
        InvalidSpec: One is not absolute, is the root, has `..` or `:`, or stands there twice.
    """
    field = f"{_field(index)}.path"
    found: dict[str, str] = {}
    for path in (one.strip() for one in (level.path or "").split(separator)):
        if not path.startswith("/") or ".." in path.split("/") or ":" in path:
            fix = "Write absolute paths without '..' and ':', separated by commas"
            raise InvalidSpec(Whose.RUNTIME, field, f"{path[:80]!r} is not a directory of a node", fix)
        place = normpath(path).strip("/")
        if not place:  # it would be mounted over the container's own root
            problem = f"{path[:80]!r} is the root of a node"
            raise InvalidSpec(Whose.RUNTIME, field, problem, "Name a directory below it")
        if place in found:
            problem = f"names {found[place][:80]!r} twice"
            raise InvalidSpec(Whose.RUNTIME, field, problem, "Name each directory once")
        found[place] = path.rstrip("/")
    return list(found.values())


def attach_directories(level: Level, name: Callable[[int], str]) -> Attachments:
    """The directories of a tier, mounted where they are; none where it names none.

    Args:
        level: The first tier.
        name: Gives the name of a volume for the position of its directory.

    Raises:
        InvalidSpec: A directory is not usable.
    """
    found = Attachments()
    for index, path in enumerate(directories(level) if level.path else ()):
        found.add(*directory_volume(level, name(index), path))
    return found


def directory_volume(level: Level, name: str, path: str, size: str = "") -> tuple[Volume, VolumeMount]:
    """One directory of a tier, mounted where it is; the size limits an emptyDir whose user does not."""
    volume = Volume(name=name)
    if (empty := empty_dir(level)) is None:
        volume.host_path = HostPathVolumeSource(path=path, type="DirectoryOrCreate")
    else:
        limit = empty.size_limit or (Quantity(size) if size else None)
        volume.empty_dir = empty.model_copy(update={"size_limit": limit})
    return volume, VolumeMount(name=name, mount_path=path)


def empty_dir(level: Level) -> EmptyDirVolumeSource | None:
    """The emptyDir of a tier, as the user has it or with its medium; None for directories of the nodes."""
    if level.volume_type != "emptyDir":
        return None
    given = level.volume_source.empty_dir if level.volume_source else None
    if given is not None:
        return given
    return EmptyDirVolumeSource(medium="Memory") if level.mediumtype == "MEM" else EmptyDirVolumeSource()


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


def in_units(size: str, *, gibi: str, mebi: str) -> str:
    """A size in the spelling of a cache that knows two suffixes, powers of 1024; rounded down, never up.

    What is spelled in one of the two units stays in it: `2048Mi` and `2Gi` are spelled as they are.

    Args:
        size: The size as a quantity.
        gibi: Suffix for GiB.
        mebi: Suffix for MiB; a smaller size is spelled in bytes, without any.
    """
    if whole := _WHOLE.fullmatch(size):
        return f"{whole[1]}{gibi if whole[2] else mebi}"
    count = int(Quantity(size))
    if count % _GIBI == 0:
        return f"{count // _GIBI}{gibi}"
    return f"{count // _MEBI}{mebi}" if count >= _MEBI else str(count)


def tier_words(level: Level, index: int = 0) -> Iterator[SpecWarning]:
    """Warnings about a quota beside a list, and about watermarks that no cache can follow."""
    if level.quota is not None and level.quota_list:
        yield SpecWarning("QuotaIgnored", f"{_field(index)}: quotaList counts, quota is ignored")
    found: dict[str, float] = {}
    for name, text in (("high", level.high), ("low", level.low)):
        if not text:
            continue
        if not _RATIO.fullmatch(text) or not 0 < float(text) <= 1:
            problem, fix = f"{text[:40]!r} is no ratio", "Write a number above 0 and up to 1, such as 0.8"
            yield meaningless(Whose.RUNTIME, f"{_field(index)}.{name}", f"{name}={text}", problem, fix)
        else:
            found[name] = float(text)
    if found.get("low", 0) > found.get("high", 1):
        word, problem = f"low={level.low},high={level.high}", "is above the high watermark"
        yield meaningless(Whose.RUNTIME, f"{_field(index)}.low", word, problem, "Write a lower number")


def tier_capacities(store: TieredStore | None) -> dict[str, int]:
    """Bytes of one worker by medium, from all tiers; what cannot be read, or is no room, counts nothing."""
    found: dict[str, int] = {}
    for level in levels_of(store):
        sizes = sum(max(0, _bytes(size) or 0) for _, size in _written(level))
        found[level.mediumtype] = found.get(level.mediumtype, 0) + sizes
    return found


def refuse_no_room(store: TieredStore | None) -> None:
    """Make sure that every tier is to take something.

    Raises:
        InvalidSpec: A size of a tier is not above 0.
    """
    for index, level in enumerate(levels_of(store)):
        for field, written in _written(level):
            size = _bytes(written)
            if size is not None and size <= 0:
                raise InvalidSpec(
                    Whose.RUNTIME,
                    f"{_field(index)}.{field}",
                    f"{written[:40]!r} leaves no room",
                    "Write sizes above 0, such as 10Gi",
                )


def _field(index: int) -> str:
    return f"spec.tieredstore.levels[{index}]"


def _shares(level: Level, index: int, count: int) -> list[str]:
    """One size for each of some directories."""
    if level.quota_list:
        sizes = [size.strip() for size in level.quota_list.split(",")]
        if len(sizes) != count:
            field, problem = f"{_field(index)}.quotaList", f"has {len(sizes)} quotas for {count} paths"
            raise InvalidSpec(Whose.RUNTIME, field, problem, "Give each path one quota")
        return sizes
    if level.quota is None:
        problem, fix = "has neither quota nor quotaList", "Say how much the cache may take"
        raise InvalidSpec(Whose.RUNTIME, _field(index), problem, fix)
    if count == 1:
        return [level.quota.canonical()]
    share = int(level.quota) // count  # rounded down: the shares together never exceed the quota
    size = Quantity(f"{share // _MEBI}Mi" if share >= _MEBI else str(share))
    return [size.canonical()] * count


def _refuse_empty(size: str, index: int) -> None:
    try:
        quantity = Quantity(size)
    except ValueError as error:
        field, fix = f"{_field(index)}.quotaList", "Write quantities, separated by commas"
        raise InvalidSpec(Whose.RUNTIME, field, str(error), fix) from None
    if int(quantity) <= 0:
        problem, fix = f"the quota {size} leaves no room", "Give each path more than 0"
        raise InvalidSpec(Whose.RUNTIME, _field(index), problem, fix)


def _written(level: Level) -> Iterator[tuple[str, str]]:
    """The sizes that count, as they are written, with their fields."""
    if level.quota_list:
        yield from (("quotaList", one.strip()) for one in level.quota_list.split(","))
    elif level.quota is not None:
        yield "quota", str(level.quota)


def _bytes(size: str) -> int | None:
    try:
        return int(Quantity(size))
    except ValueError:
        return None
