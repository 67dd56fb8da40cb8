"""One shared reflector per kind and selector."""

from typing import TypeVar

from fluid.kube.api import Api
from fluid.kube.connection import Connection
from fluid.kube.reflector import Reflector
from fluid.types import KubeObject

M = TypeVar("M", bound=KubeObject)


class Informers:
    """Makes, shares and runs reflectors."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def of(
        self,
        model: type[M],
        *,
        labels: str | None = None,
        namespace: str | None = None,
        fields: str | None = None,
        metadata_only: bool = False,
        keep: tuple[str, ...] | None = None,
        optional: bool = False,
    ) -> Reflector[M]:
        """The reflector for this kind and selector, made at the first call and shared afterwards.

        May be called while running.

        Args:
            model: the kind.
            labels: label selector as kubectl writes it.
            namespace: None means all namespaces.
            fields: field selector as kubectl writes it.
            metadata_only: asks the API server for metadata alone; nothing else of an object is set.
            keep: dotted paths (``spec.nodeName``) to keep beside the metadata; None keeps all.
            optional: a kind that is not installed is no problem (it is picked up when it comes).
        """
        raise NotImplementedError

    def api(self, model: type[M]) -> Api[M]:
        """Like `Connection.api`, and the stores know the results of its writes at once."""
        raise NotImplementedError

    def observe(self, obj: KubeObject) -> None:
        """Tells the stores of this kind about the result of an own write."""
        raise NotImplementedError

    def problems(self) -> list[str]:
        """What is not synced or not reachable, one sentence each."""
        raise NotImplementedError

    async def run(self) -> None:
        """Runs all reflectors, those added later too, until cancelled."""
        raise NotImplementedError
