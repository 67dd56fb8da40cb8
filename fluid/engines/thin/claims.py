"""The claims that are sources: the volumes behind them, which only the cluster knows."""

from collections.abc import Sequence

from fluid.engines.core.errors import InvalidSpec, NotYet
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Answers, ClaimVolume, ReadClaim
from fluid.engines.kit.sources import Source
from fluid.engines.thin.attachments import claim_of
from fluid.types import Key


def claim_volumes(
    sources: Sequence[Source], namespace: str, answers: Answers, plan: Plan
) -> dict[str, ClaimVolume]:
    """The volume behind each claim; asks for them.

    Raises:
        InvalidSpec: A claim does not exist or is not Bound; it is looked for again with back-off.
        NotYet: a question is not answered yet.
    """
    questions = {
        claim_of(source): (source.path, ReadClaim(Key(namespace, claim_of(source))))
        for source in sources
        if source.is_claim
    }
    for _, question in questions.values():
        plan.ask(question)
    found: dict[str, ClaimVolume] = {}
    for claim, (path, question) in questions.items():
        if question not in answers.claim_volumes:
            raise NotYet("ReadingClaim", f"reading PersistentVolumeClaim {question.key}")
        volume = answers.claim_volumes[question]
        if volume is None:
            raise InvalidSpec(
                f"{path}.mountPoint",
                f"PersistentVolumeClaim {question.key} does not exist or is not Bound",
                "Create it, or see why it is not Bound",
            )
        found[claim] = volume
    return found
