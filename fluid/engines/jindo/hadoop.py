"""The ConfigMap with Hadoop's files that a user may name."""

import re

from fluid.engines.core.errors import InvalidSpec, NotYet, Whose
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import ReadConfigMap, Results
from fluid.engines.core.snapshot import Snapshot
from fluid.models import JindoRuntime
from fluid.types import Key

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-.a-z0-9]*[a-z0-9])?")


def hadoop_keys(snapshot: Snapshot[JindoRuntime], results: Results, plan: Plan) -> frozenset[str] | None:
    """Keys of the ConfigMap that the user names; None when none is named.

    Raises:
        InvalidSpec: it does not exist, or cannot be read.
        NotYet: the query for it is not answered yet.
    """
    name = snapshot.runtime.spec.hadoop_config
    if not name:
        return None
    if not _NAME.fullmatch(name):
        raise InvalidSpec(
            Whose.RUNTIME, "spec.hadoopConfig", f"{name[:63]!r} is no name of a ConfigMap", "Correct it"
        )
    query = ReadConfigMap(Key(snapshot.runtime.namespace, name))
    plan.ask(query)
    if query not in results.config_maps:
        raise NotYet("ReadingHadoopConfig", f"reading ConfigMap {query.key}")
    keys = results.config_maps[query]
    if keys is None:
        raise InvalidSpec(
            Whose.RUNTIME,
            "spec.hadoopConfig",
            f"ConfigMap {query.key} cannot be read",
            "Create it, or name another",
        )
    return keys
