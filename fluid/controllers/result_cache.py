"""What is known of the results to one key's queries, until a pass has used them."""

from dataclasses import dataclass, field

from fluid.engines.core.queries import (
    UNKNOWN_USER,
    ClaimUser,
    ClaimUsers,
    ClaimVolume,
    Exec,
    Query,
    ReadClaim,
    ReadConfigMap,
)
from fluid.kube import ExecResult


@dataclass
class ResultCache:
    """What is known for one key."""

    commands: dict[Exec, ExecResult] = field(default_factory=dict[Exec, ExecResult])
    config_maps: dict[ReadConfigMap, frozenset[str] | None] = field(
        default_factory=dict[ReadConfigMap, frozenset[str] | None]
    )
    claim_users: dict[ClaimUsers, tuple[ClaimUser, ...]] = field(
        default_factory=dict[ClaimUsers, tuple[ClaimUser, ...]]
    )
    claim_volumes: dict[ReadClaim, ClaimVolume | None] = field(
        default_factory=dict[ReadClaim, ClaimVolume | None]
    )
    fresh: set[Query] = field(default_factory=set[Query])
    running: set[Query] = field(default_factory=set[Query])
    failures: int = 0
    useless: bool = False
    """The engine could not use an answer."""
    expired: bool = False
    """The failures in here have waited long enough: the next pass asks again."""

    def clear(self) -> None:
        """Forget the results: the next pass looks anew."""
        self.commands.clear()
        self.config_maps.clear()
        self.claim_users.clear()
        self.claim_volumes.clear()
        self.useless = self.expired = False

    def knows(self, query: Query) -> bool:
        """Whether a query is answered, or about to be."""
        known = (self.commands, self.config_maps, self.claim_users, self.claim_volumes, self.running)
        return any(query in results for results in known)

    @property
    def failed(self) -> bool:
        """Whether there is an answer in here that has to be asked for again."""
        unread = None in (*self.config_maps.values(), *self.claim_volumes.values())
        unanswered = unread or any(UNKNOWN_USER in users for users in self.claim_users.values())
        return self.useless or unanswered or any(result.exit_code != 0 for result in self.commands.values())
