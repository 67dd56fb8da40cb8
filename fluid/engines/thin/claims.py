"""The claims that are sources: the volumes behind them, which only the cluster knows."""

from collections.abc import Sequence

from fluid.engines.core.errors import InvalidSpec, NotYet, Whose
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import ClaimVolume, ReadClaim, Results
from fluid.engines.kit.sources import Source
from fluid.engines.thin.attachments import claim_of
from fluid.types import Key


def claim_volumes(
    sources: Sequence[Source], namespace: str, results: Results, plan: Plan
) -> dict[str, ClaimVolume]:
    """The volume behind each claim; asks for them.

    Raises:
        InvalidSpec: A claim does not exist or is not Bound; it is looked for again with back-off.
        NotYet: a query is not answered yet.
    """
    queries = {
        claim_of(source): (source.path, ReadClaim(Key(namespace, claim_of(source))))
        for source in sources
        if source.is_claim
    }
    for _, query in queries.values():
        plan.ask(query)
    found: dict[str, ClaimVolume] = {}
    for claim, (path, query) in queries.items():
        if query not in results.claim_volumes:
            raise NotYet("ReadingClaim", f"reading PersistentVolumeClaim {query.key}")
        volume = results.claim_volumes[query]
        if volume is None:
            raise InvalidSpec(
                Whose.DATASET,
                f"{path}.mountPoint",
                f"PersistentVolumeClaim {query.key} does not exist or is not Bound",
                "Create it, or see why it is not Bound",
            )
        found[claim] = volume
    return found
