"""`kill -9` of the operator at random moments: the same end state as without, and nothing left over."""

import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from time import monotonic

import anyio

from bench import state
from bench.figures import Figure
from bench.lab import Lab
from bench.objects import WORKERS, key, mounts
from bench.view import NotConvergedError
from fluid.models import Dataset, JindoRuntime

_SECONDS = 240.0
_STEADY = 17.0
"""Seconds without a change that make an end state: a little more than the pause between two samples."""
_LONGEST = 2.5
"""Seconds that the operator lives at most between two kills, its start included."""
_ACTS = 3


class Killer:
    """Kills the operator while an act is on, and starts it again at once.

    Args:
        lab: where the operator runs.
        kills: how often in the whole story.
        seed: of the moments.
    """

    def __init__(self, lab: Lab, kills: int, seed: int) -> None:
        self._operator = lab.operator
        self._random = random.Random(seed)
        self._quota = [kills // _ACTS + (act < kills % _ACTS) for act in range(_ACTS)]

    @asynccontextmanager
    async def act(self) -> AsyncGenerator[None]:
        """Kills as often as an act's share is; the block ends no sooner."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._kill, self._quota.pop())
            yield

    async def _kill(self, times: int) -> None:
        for _ in range(times):
            await anyio.sleep(self._random.uniform(0, _LONGEST))
            self._operator.kill()
            self._operator.launch()


async def measure(lab: Lab, kills: int, seed: int, datasets: int = 30) -> None:
    """Runs the same story without and with kills.

    Raises:
        NotConvergedError: the end states differ, or something is left over.
    """
    names = [f"story-{number:02}" for number in range(datasets)]
    calm, calm_seconds = await _story(lab, names, Killer(lab, 0, seed))
    reached, seconds = await _story(lab, names, Killer(lab, kills, seed), calm)
    different = state.differences(calm, reached)
    group = f"kill -9 of the operator, {kills} times (seed {seed})"
    lab.figures += [
        Figure(group, "values that differ from a calm run", len(different), aim=0, note=f"of {len(calm)}"),
        Figure(group, "objects left over", 0, aim=0),
    ]
    for act, undisturbed, took in zip(("created", "changed", "deleted"), calm_seconds, seconds, strict=True):
        note = f"{undisturbed:.3g} s without kills"
        lab.figures.append(Figure(group, f"{datasets} Datasets {act}", took, "s", note=note))
    if different:
        shown = "\n  ".join(different[:20])
        raise NotConvergedError(f"after kills {len(different)} values differ from a calm run:\n  {shown}")


async def _story(
    lab: Lab, names: Sequence[str], killer: Killer, expected: state.State | None = None
) -> tuple[state.State, list[float]]:
    """Creates, changes, deletes; returns the state before the deletion, and the seconds of each act."""
    view, keys, started = lab.view, [key(name) for name in names], monotonic()
    async with killer.act():
        await lab.create_datasets(names)
        await view.until("creation", lambda: view.not_in_phase(view.datasets, keys, "Bound"), _SECONDS)
    created = monotonic()
    async with killer.act():
        await lab.each(names, lambda name: _change(lab, name))
        await view.until("change", lambda: _unchanged(lab, names), _SECONDS)
    changed = monotonic()
    reached = await _steady(lab, expected)
    deleting = monotonic()
    async with killer.act():
        await lab.delete_datasets(names)
        await view.until("deletion", view.left_over, _SECONDS)
    return reached, [created - started, changed - created, monotonic() - deleting]


async def _change(lab: Lab, name: str) -> None:
    await lab.connection.api(JindoRuntime).scale(key(name), WORKERS + 1)
    await lab.connection.api(Dataset).merge(key(name), {"spec": {"mounts": mounts(name, f"{name}-more")}})


def _unchanged(lab: Lab, names: Sequence[str]) -> list[str]:
    """What does not show the change yet."""
    found: list[str] = []
    for name in names:
        owner, cache = lab.view.datasets.store.get(key(name)), lab.view.runtimes.store.get(key(name))
        status = owner.status if owner else None
        if status is None or status.phase != "Bound" or len(status.mounts or ()) != 2:
            found.append(
                f"Dataset {key(name)}: phase {status and status.phase}, mounts {status and status.mounts}"
            )
        ready = cache.status.worker_number_ready if cache and cache.status else None
        if ready != WORKERS + 1:
            found.append(f"JindoRuntime {key(name)}: {ready} workers ready")
    return found


async def _steady(lab: Lab, expected: state.State | None) -> state.State:
    """The state once it is as expected, or no longer changes."""
    now = await state.take(lab.connection)
    with anyio.move_on_after(_SECONDS):
        while now != expected:
            await anyio.sleep(_STEADY)
            before, now = now, await state.take(lab.connection)
            if now == before:
                break
    return now
