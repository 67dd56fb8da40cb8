"""Makes live objects what they should be: server-side apply of what differs, removal of what is left over."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from fluid.kube.api import FIELD_MANAGER, Api
from fluid.kube.errors import Invalid
from fluid.types import KubeObject

M = TypeVar("M", bound=KubeObject)
DESIRED_HASH = "data.fluid.io/desired-hash"
"""Annotation on everything applied: a digest of what was desired."""


class Apis(Protocol):
    """Where `converge` gets its access from: a `Connection` or `Informers`."""

    def api(self, model: type[M]) -> Api[M]:
        """Typed access to one kind."""
        ...


@dataclass(slots=True)
class Report:
    """What `converge` did.

    Attributes:
        applied: sent, as the API server answered.
        pruned: deletion asked for.
        unchanged: nothing had to be sent.
        refused: the API server does not allow the change (an immutable field, say); the live object stays.
    """

    applied: list[KubeObject] = field(default_factory=list[KubeObject])
    pruned: list[KubeObject] = field(default_factory=list[KubeObject])
    unchanged: list[KubeObject] = field(default_factory=list[KubeObject])
    refused: list[tuple[KubeObject, Invalid]] = field(default_factory=list[tuple[KubeObject, Invalid]])

    @property
    def changed(self) -> bool:
        """Whether anything was sent."""
        return bool(self.applied or self.pruned or self.refused)


async def converge(
    desired: Sequence[KubeObject],
    live: Sequence[KubeObject],
    *,
    apis: Apis,
    owner_uid: str | None = None,
    manager: str = FIELD_MANAGER,
    concurrency: int = 4,
) -> Report:
    """Applies what differs and prunes what is live but not desired.

    Args:
        desired: complete objects with owner references and labels, as they should be.
        live: what exists now, from stores.
        apis: where to send; with `Informers` the stores know the results at once.
        owner_uid: prune only objects whose controlling owner has this uid; None prunes nothing.
        manager: field manager.
        concurrency: how many requests at once.

    Raises:
        KubeError: a request failed in a way that trying again may help; the others were sent nevertheless.
    """
    raise NotImplementedError
