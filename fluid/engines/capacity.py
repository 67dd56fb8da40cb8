"""How much a worker caches, as its tiers say it."""

from fluid.models import TieredStore
from fluid.types import Quantity


def tier_capacities(store: TieredStore | None) -> dict[str, int]:
    """Bytes of one worker by medium, from all tiers; what cannot be read counts nothing."""
    found: dict[str, int] = {}
    for level in (store.levels if store else None) or []:
        listed = (
            level.quota_list.split(",") if level.quota_list else [str(level.quota)] if level.quota else []
        )
        found[level.mediumtype] = found.get(level.mediumtype, 0) + sum(map(_bytes, listed))
    return found


def _bytes(spelling: str) -> int:
    try:
        return int(Quantity(spelling))
    except ValueError:
        return 0
