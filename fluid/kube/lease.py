"""Leader election on a coordination.k8s.io Lease: never two leaders, even when clocks disagree."""

from fluid.kube.connection import Connection
from fluid.types import Key


class Elector:
    """Competes for one Lease.

    Args:
        connection: to the API server.
        key: namespace and name of the Lease; the namespace must exist.
        identity: who we are, unique per process.
        duration: seconds after which others may take an unrenewed Lease.
        deadline: seconds without a successful renewal after which we give up leading.
        period: seconds between attempts.
    """

    def __init__(
        self,
        connection: Connection,
        key: Key,
        identity: str,
        *,
        duration: float = 15.0,
        deadline: float = 10.0,
        period: float = 2.0,
    ) -> None:
        raise NotImplementedError

    async def acquire(self) -> None:
        """Returns once we lead."""
        raise NotImplementedError

    async def hold(self) -> None:
        """Renews; returns when the Lease is lost. Then everything that presumes to lead must stop."""
        raise NotImplementedError

    async def release(self) -> None:
        """Gives the Lease back so that another may take it at once; failures are logged only."""
        raise NotImplementedError
