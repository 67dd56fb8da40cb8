"""The floor: a plain client creates and deletes the same children, without a controller of Fluid."""

from time import monotonic

import anyio

from bench.figures import Figure
from bench.lab import Lab
from bench.objects import WORKERS, rendered
from fluid.models import PersistentVolumeClaim
from fluid.types import Key

_SECONDS = 180.0


async def measure(lab: Lab, datasets: int) -> None:
    """Measures the floor for so many Datasets; the operator must not run."""
    everything = [rendered(number) for number in range(datasets)]
    first = [one for children, volume, _ in everything for one in (*children, volume)]
    claims = {volume.key: claim for _, volume, claim in everything}
    pods, group = datasets * (1 + WORKERS), f"floor: the children of {datasets} Datasets, no controller"
    started = monotonic()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_claim, lab, dict(claims))
        await lab.each(first, lab.create)
    ready = await lab.view.until("floor", lambda: lab.view.not_ready(pods, datasets), _SECONDS)
    lab.floor_up, started = ready - started, monotonic()
    await lab.each([*first, *claims.values()], lab.delete)
    gone = await lab.view.until("deletion of the floor", lab.view.left_over, _SECONDS)
    lab.floor_down = gone - started
    note = f"{len(first) + len(claims)} objects, {pods} pods"
    lab.figures += [
        Figure(group, "all pods Ready, all claims Bound", lab.floor_up, "s", note=note),
        Figure(group, "all gone", lab.floor_down, "s"),
    ]


async def _claim(lab: Lab, waiting: dict[Key, PersistentVolumeClaim]) -> None:
    """Creates each claim once its volume can be bound: an earlier one waits for the binder's resync."""
    view = lab.view

    def claim_available() -> list[str]:
        for key in [*waiting]:
            if not view.not_in_phase(view.volumes, [key], "Available"):
                tasks.start_soon(lab.create, waiting.pop(key))
        return [str(key) for key in waiting]

    async with anyio.create_task_group() as tasks:
        await view.until("the floor's volumes", claim_available, _SECONDS)
