"""The node labels that show schedulers and people which Datasets are cached on a node."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fluid.naming import DATASET_COUNT, EXCLUSIVE, Identity, Tier

TRUE = "true"
_COMMON = "fluid.io/s-"
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")
_MEMORY = "MEM"


@dataclass(frozen=True, slots=True)
class Footprint:
    """All labels that one runtime can leave on nodes.

    Attributes:
        identity: Identity of its Dataset.
        engine: Name of the engine implementation.
        labels: What a node with a worker carries.
        leaving: Whether the runtime is being deleted.
        unpublished: Whether its volume is withdrawn, so that no FUSE pod is needed any more.
    """

    identity: Identity
    engine: str
    labels: Mapping[str, str]
    leaving: bool = False
    unpublished: bool = False


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker of a runtime on the node in question."""

    footprint: Footprint
    exclusive: bool


def label_keys(identity: Identity, engine: str) -> list[str]:
    """The keys of a runtime's labels on nodes with workers."""
    tiers: tuple[Tier, ...] = ("m", "d", "t")
    capacities = [identity.capacity_label(engine, tier) for tier in tiers]
    return [identity.common_label, identity.runtime_label(engine), *capacities]


def footprint_labels(identity: Identity, engine: str, capacities: Mapping[str, int]) -> dict[str, str]:
    """The labels of a node with a worker: total capacity always, memory and disk if there is such a tier."""
    memory = [size for medium, size in capacities.items() if medium == _MEMORY]
    disk = [size for medium, size in capacities.items() if medium != _MEMORY]
    labels = {identity.common_label: TRUE, identity.runtime_label(engine): TRUE}
    if memory:
        labels[identity.capacity_label(engine, "m")] = capacity(sum(memory))
    if disk:
        labels[identity.capacity_label(engine, "d")] = capacity(sum(disk))
    labels[identity.capacity_label(engine, "t")] = capacity(sum(memory) + sum(disk))
    return labels


def capacity(size: int) -> str:
    """A number of bytes with four significant digits, such as ``1GiB``, ``1.5GiB`` or ``0B``."""
    value, unit = float(max(0, size)), 0  # a minus sign is not allowed in the value of a label
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.4g}{_UNITS[unit]}"


def plan_labels(
    live: Mapping[str, str],
    workers: Sequence[Worker],
    known: Sequence[Footprint],
    orphaned_engines: Collection[str] = (),
) -> dict[str, str | None]:
    """The label changes for a node; None removes a label. Foreign labels are neither set nor removed.

    Args:
        live: The node's labels.
        workers: The workers on the node, of runtimes that are not in deletion.
        known: All runtimes that could have a label on the node, in any state, including those of `workers`.
        orphaned_engines: Engines whose runtimes are all known: a label of any other runtime is an orphan.
    """
    wanted: dict[str, str | None] = {}
    for worker in workers:
        wanted.update(worker.footprint.labels)
    needed = {one.identity.fuse_label for one in known if not one.leaving}
    gone = {key for one in known for key in _withdrawn(one, live, needed)}
    taken = {key for one in known for key in label_keys(one.identity, one.engine)}
    gone |= {key for engine in orphaned_engines for key in _orphans(engine, live, taken)}
    changes: dict[str, str | None] = {
        **dict.fromkeys(gone),
        EXCLUSIVE: _exclusive(live, workers, known),
        **wanted,
    }
    if wanted or gone:
        changes[DATASET_COUNT] = _count({**live, **changes})
    return {key: value for key, value in changes.items() if live.get(key) != value}


def _withdrawn(one: Footprint, live: Mapping[str, str], needed: Collection[str]) -> Iterable[str]:
    """The labels on the node that a runtime withdraws unless one of its workers is there."""
    present = [key for key in label_keys(one.identity, one.engine) if key in live]
    if not one.leaving and one.identity.runtime_label(one.engine) not in live:
        return ()  # the common label alone may belong to a runtime of another kind
    if one.leaving and one.unpublished:
        fuse = one.identity.fuse_label
        if fuse not in needed and live.get(fuse) == TRUE:
            present.append(fuse)
    return present


def _orphans(engine: str, live: Mapping[str, str], taken: Collection[str]) -> Iterable[str]:
    """Labels that only a runtime of this engine can have written, and whose runtime no longer exists."""
    prefix = f"{_COMMON}h-{engine}-t-"
    for total in live:
        if total.startswith(prefix) and live[total] != TRUE and total not in taken:
            suffix = total.removeprefix(prefix)
            tiers = [f"{_COMMON}h-{engine}-{tier}-{suffix}" for tier in ("m", "d", "t")]
            keys = {*tiers, f"{_COMMON}{engine}-{suffix}", f"{_COMMON}{suffix}"}
            yield from (key for key in keys if key in live and key not in taken)


def _exclusive(live: Mapping[str, str], workers: Sequence[Worker], known: Sequence[Footprint]) -> str | None:
    """The value of the label for exclusive use of the node; a foreign value stays."""
    standing = live.get(EXCLUSIVE)
    if standing is not None and standing not in {one.identity.exclusive_label[1] for one in known}:
        return standing
    return min((one.footprint.identity.exclusive_label[1] for one in workers if one.exclusive), default=None)


def _count(labels: Mapping[str, str | None]) -> str | None:
    """The number of Datasets cached on the node: each has a common label and a label of its runtime."""
    count = sum(key.startswith(_COMMON) and value == TRUE for key, value in labels.items()) // 2
    return str(count) if count else None
