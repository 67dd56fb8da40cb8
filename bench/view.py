"""What exists on the cluster, followed by watches that cost the bench little and the operator nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from time import monotonic
from typing import TypeVar

import anyio

from bench.objects import NAMESPACE
from fluid import models
from fluid.kube import Change, Connection, Entry, InformerFactory, Reflector
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
OUR_LABELS = ("fluid.io/", "fluid_exclusive")
NOT_OURS = "kube-root-ca.crt"
_CHILDREN: tuple[type[KubeObject], ...] = (
    *(models.StatefulSet, models.DaemonSet, models.Service, models.ConfigMap, models.Job, models.CronJob),
)
_PAUSE = 0.005
"""Seconds between two looks at a cluster that changes all the time: the error of every time measured."""


class NotConvergedError(Exception):
    """The cluster did not get where it had to; the message names what is missing."""


class View:
    """Follows everything in the bench's namespace, all volumes and the labels of all nodes.

    Attributes:
        reached: when (`time.monotonic`) a Dataset or DataLoad was first seen in a phase.
    """

    def __init__(self, connection: Connection) -> None:
        self.reached: dict[tuple[Key, str], float] = {}
        self._changed = anyio.Event()
        self.informers = InformerFactory(connection, namespace=NAMESPACE)
        self.datasets = self._follow(models.Dataset)
        self.runtimes = self._follow(models.JindoRuntime)
        self.loads = self._follow(models.DataLoad)
        self.pods = self._follow(models.Pod, "status.conditions")
        self.volumes = self._follow(models.PersistentVolume, "status.phase")
        self.claims = self._follow(models.PersistentVolumeClaim, "status.phase")
        self.nodes = self._follow(models.Node, "metadata")
        self._children = [self._follow(kind, "metadata") for kind in _CHILDREN]
        self.datasets.subscribe(self._note_phase)
        self.loads.subscribe(self._note_phase)

    async def until(self, what: str, problems: Callable[[], Sequence[str]], seconds: float) -> float:
        """The moment (`time.monotonic`) at which a look at the cluster first finds no problem.

        Raises:
            NotConvergedError: it did not within `seconds`.
        """
        with anyio.move_on_after(seconds):
            while True:
                changed = self._changed
                if not problems():
                    return monotonic()
                await changed.wait()
                await anyio.sleep(_PAUSE)
        left = problems()
        shown = "\n  ".join(left[:10])
        raise NotConvergedError(f"{what}: not within {seconds:g} s; {len(left)} left:\n  {shown}")

    def not_in_phase(self, kind: Reflector[M], keys: Iterable[Key], phase: str) -> list[str]:
        """The objects that are in another phase."""
        live = [(key, _phase(entry) if (entry := kind.store.entry(key)) else "missing") for key in keys]
        return [
            f"{kind.store.model.__name__} {key}: {has or 'no phase'}" for key, has in live if has != phase
        ]

    def not_ready(self, pods: int, claims: int) -> list[str]:
        """What is missing until so many pods are Ready and so many claims Bound."""
        ready = sum(_ready(pod) for pod in self.pods.store.entries())
        bound = sum(_phase(claim) == "Bound" for claim in self.claims.store.entries())
        missing = [f"{ready} of {pods} pods are Ready"] if ready < pods else []
        return missing + ([f"{bound} of {claims} claims are Bound"] if bound < claims else [])

    def left_over(self) -> list[str]:
        """Everything that exists although nothing should, labels on nodes included."""
        return [*self._left_over()]

    def _left_over(self) -> Iterator[str]:
        own = (self.datasets, self.runtimes, self.loads, self.pods, self.volumes, self.claims)
        for store in (*(one.store for one in own), *(one.store for one in self._children)):
            for entry in store.entries():
                if entry.key.name != NOT_OURS:
                    yield f"{store.model.__name__} {entry.key}{' (being deleted)' if entry.deleting else ''}"
        for node in self.nodes.store.entries():
            yield from (
                f"Node {node.key}: label {label}" for label in node.labels if label.startswith(OUR_LABELS)
            )

    def _follow(self, kind: type[M], *keep: str) -> Reflector[M]:
        reflector = self.informers.of(kind, keep=keep or None, metadata_only=keep == ("metadata",))
        reflector.subscribe(lambda _: self._wake())
        return reflector

    def _wake(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def _note_phase(self, change: Change[M]) -> None:
        if change.after is not None and (phase := _phase(change.after)):
            self.reached.setdefault((change.key, phase), monotonic())


def _phase(entry: Entry[M]) -> str:
    return entry.raw.get("status", {}).get("phase", "")


def _ready(pod: Entry[models.Pod]) -> bool:
    conditions = entry_conditions(pod)
    return ("Ready", "True") in conditions


def entry_conditions(entry: Entry[M]) -> set[tuple[str, str]]:
    """Types and statuses of the conditions."""
    return {(one["type"], one["status"]) for one in entry.raw.get("status", {}).get("conditions") or ()}
