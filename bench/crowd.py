"""Many Datasets at once: created, left alone, deleted."""

from time import monotonic

import anyio

from bench.cost import Meter, cpu_seconds, peak_memory
from bench.figures import Figure, percentile
from bench.lab import Lab
from bench.objects import key

_SECONDS = 600.0
_OPERATOR = "operator process"


async def measure(lab: Lab, datasets: int, idle: float) -> None:
    """Measures creation, rest (not if `idle` is 0 seconds) and deletion of so many Datasets."""
    names, pid = [f"crowd-{number:03}" for number in range(datasets)], lab.operator.pid
    await lab.settled()
    start = cpu_seconds(pid)
    await _create(lab, names)
    if idle:
        await _rest(lab, datasets, idle)
    await _delete(lab, names)
    total = cpu_seconds(pid) / datasets
    lab.figures += [
        Figure(_OPERATOR, "CPU until ready", start, "s"),
        Figure(_OPERATOR, "CPU per Dataset, all in all", total, "s", note="start, creation, rest, deletion"),
        Figure(_OPERATOR, "peak RSS", peak_memory(pid), "MiB", 150, 120),
    ]


async def _create(lab: Lab, names: list[str]) -> None:
    view, keys, meter, started = lab.view, [key(name) for name in names], lab.meter(), monotonic()
    asked = await lab.create_datasets(names)
    posted = f"posted within {monotonic() - started:.1f} s"
    end = await view.until("creation", lambda: view.not_in_phase(view.datasets, keys, "Bound"), _SECONDS)
    cpu, took = meter.cpu, [view.reached[one, "Bound"] - asked[one] for one in keys]
    floor = lab.floor_up
    aim, later = (None, None) if floor is None else (2 * floor, 1.3 * floor)
    group = f"{len(names)} Datasets created"
    lab.figures += [
        Figure(group, "all Bound", end - started, "s", aim, later, floor, note=posted),
        Figure(group, "creation to Bound, p50", percentile(took, 50), "s"),
        Figure(group, "creation to Bound, p99", percentile(took, 99), "s"),
    ]
    await _spent(lab, group, meter, len(names), cpu)


async def _delete(lab: Lab, names: list[str]) -> None:
    meter, started, group = lab.meter(), monotonic(), f"{len(names)} Datasets deleted"
    await lab.delete_datasets(names)
    end = await lab.view.until("deletion", lab.view.left_over, _SECONDS)
    lab.figures.append(Figure(group, "all gone", end - started, "s", 15, 10, lab.floor_down))
    await _spent(lab, group, meter, len(names), meter.cpu)


async def _spent(lab: Lab, group: str, meter: Meter, datasets: int, cpu_then: float) -> None:
    """Requests and CPU time until all was quiet again."""
    await lab.settled()
    cost = meter.read()
    requests, cpu = cost.requests.total() / datasets, cost.cpu / datasets
    note = f"{cpu_then / datasets:.3f} at that moment, the rest afterwards"
    lab.figures += [
        Figure(group, "requests per Dataset", requests, "", 25, 20, note=cost.most(datasets)),
        Figure(group, "lists and watches in all", cost.watches),
        Figure(group, "CPU per Dataset", cpu, "s", 0.12, 0.06, note=note),
    ]


async def _rest(lab: Lab, datasets: int, seconds: float) -> None:
    meter, group = lab.meter(), f"{datasets} Bound Datasets at rest"
    await anyio.sleep(seconds)
    cost = meter.read()
    requests = (cost.requests.total() + cost.watches) / datasets / (seconds / 60)
    note = f"{cost.requests.total()} requests, {cost.watches} lists and watches in {seconds:g} s"
    lab.figures += [
        Figure(group, "requests a minute per Dataset", requests, "", 0.2, note=note),
        Figure(group, "CPU", 100 * cost.cpu / seconds, "%", 0.5, note=cost.most(1)),
    ]
