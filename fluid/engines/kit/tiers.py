"""How much a worker caches, as its tiers say it."""

from collections.abc import Iterator

from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.models import Level, TieredStore
from fluid.types import Quantity


def tier_capacities(store: TieredStore | None) -> dict[str, int]:
    """Bytes of one worker by medium, from all tiers; what cannot be read, or is no room, counts nothing."""
    found: dict[str, int] = {}
    for level in (store.levels if store else None) or []:
        found[level.mediumtype] = found.get(level.mediumtype, 0) + sum(
            max(0, _bytes(spelling) or 0) for _, spelling in _spellings(level)
        )
    return found


def refuse_no_room(store: TieredStore | None) -> None:
    """Make sure that every tier is to take something.

    Raises:
        InvalidSpec: A size of a tier is not above 0.
    """
    for index, level in enumerate((store.levels if store else None) or []):
        for field, spelling in _spellings(level):
            size = _bytes(spelling)
            if size is not None and size <= 0:
                raise InvalidSpec(
                    Whose.RUNTIME,
                    f"spec.tieredstore.levels[{index}].{field}",
                    f"{spelling[:40]!r} leaves no room",
                    "Write sizes above 0, such as 10Gi",
                )


def _spellings(level: Level) -> Iterator[tuple[str, str]]:
    """The sizes that count, with their fields."""
    if level.quota_list:
        yield from (("quotaList", one.strip()) for one in level.quota_list.split(","))
    elif level.quota is not None:
        yield "quota", str(level.quota)


def _bytes(spelling: str) -> int | None:
    try:
        return int(Quantity(spelling))
    except ValueError:
        return None
