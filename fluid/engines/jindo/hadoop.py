"""The ConfigMap with Hadoop's files that a user may name."""

import re

from fluid.engines.core.errors import InvalidSpec, NotYet
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Answers, ReadConfigMap
from fluid.engines.core.snapshot import Observed
from fluid.models import JindoRuntime
from fluid.types import Key

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-.a-z0-9]*[a-z0-9])?")


def hadoop_keys(observed: Observed[JindoRuntime], answers: Answers, plan: Plan) -> frozenset[str] | None:
    """Keys of the ConfigMap that the user names; None when none is named.

    Raises:
        InvalidSpec: it does not exist, or cannot be read.
        NotYet: the question for it is not answered yet.
    """
    name = observed.runtime.spec.hadoop_config
    if not name:
        return None
    if not _NAME.fullmatch(name):
        raise InvalidSpec("spec.hadoopConfig", f"{name[:63]!r} is no name of a ConfigMap", "Correct it")
    question = ReadConfigMap(Key(observed.runtime.namespace, name))
    plan.ask(question)
    if question not in answers.config_maps:
        raise NotYet("ReadingHadoopConfig", f"reading ConfigMap {question.key}")
    keys = answers.config_maps[question]
    if keys is None:
        raise InvalidSpec(
            "spec.hadoopConfig", f"ConfigMap {question.key} cannot be read", "Create it, or name another"
        )
    return keys
