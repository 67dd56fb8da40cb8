"""One Dataset alone, and the DataLoads of one Dataset."""

from statistics import median
from time import monotonic

from bench.figures import Figure, percentile
from bench.lab import Lab
from bench.objects import data_load, key

_SECONDS = 60.0
_JOB_SECONDS = 0.5
"""How long the simulated kubelet runs a Job's pod (cluster/stages/job.yaml)."""


async def measure_alone(lab: Lab, times: int = 5) -> None:
    """Measures how long one Dataset takes while the operator has nothing else to do."""
    up: list[float] = []
    down: list[float] = []
    for number in range(times):
        name, started = f"alone-{number}", monotonic()
        up.append(await _bind(lab, name) - started)
        await lab.settled()
        started = monotonic()
        await lab.delete_datasets([name])
        down.append(await lab.view.until("deletion of one", lab.view.left_over, _SECONDS) - started)
        await lab.settled()
    group, note = "one Dataset alone", f"median of {times}; worst"
    lab.figures += [
        Figure(group, "created to Bound", median(up), "s", 1.5, note=f"{note} {max(up):.3g}"),
        Figure(group, "deleted to all gone", median(down), "s", 3, note=f"{note} {max(down):.3g}"),
    ]


async def measure_loads(lab: Lab, loads: int = 20) -> None:
    """Measures DataLoads of one Bound Dataset, all created at once."""
    view, names, asked = lab.view, [f"load-{number:02}" for number in range(loads)], dict[str, float]()
    keys = [key(name) for name in names]
    await _bind(lab, "loaded")
    await lab.settled()
    meter = lab.meter()

    async def create(name: str) -> None:
        asked[name] = monotonic()
        await lab.create(data_load(name, "loaded"))

    await lab.each(names, create)
    await view.until("DataLoads", lambda: view.not_in_phase(view.loads, keys, "Complete"), _SECONDS)
    took = [view.reached[key(name), "Complete"] - asked[name] for name in names]
    await lab.settled()
    cost = meter.read()
    await lab.delete_datasets(["loaded"])
    await lab.each([data_load(name, "loaded") for name in names], lab.delete)
    await view.until("deletion after DataLoads", view.left_over, _SECONDS)
    group, p50 = f"{loads} DataLoads at once", percentile(took, 50)
    net = f"{p50 - _JOB_SECONDS:.3g} without the time that the Job runs"
    lab.figures += [
        Figure(group, "created to Complete, p50", p50, "s", 2, note=net),
        Figure(group, "created to Complete, worst", max(took), "s"),
        Figure(group, "requests per DataLoad", cost.requests.total() / loads, note=cost.most(loads)),
        Figure(group, "CPU per DataLoad", cost.cpu / loads, "s"),
    ]


async def _bind(lab: Lab, name: str) -> float:
    view, keys = lab.view, [key(name)]
    await lab.create_datasets([name])
    return await view.until(
        "creation of one", lambda: view.not_in_phase(view.datasets, keys, "Bound"), _SECONDS
    )
