"""A user's ConfigMap with files for a cache: that it is there, and which of the files it has."""

from collections.abc import Collection

from fluid.charts import ChartValues
from fluid.engines.core.errors import InvalidSpec, NotYet, Whose
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import ReadConfigMap, Results
from fluid.engines.kit.volumes import is_object_name
from fluid.types import Key

HADOOP_FIELD = "spec.hadoopConfig"
HDFS_SITE, CORE_SITE = "hdfs-site.xml", "core-site.xml"


class HadoopConfig(ChartValues):
    """A user's ConfigMap with Hadoop's configuration."""

    config_map: str
    hdfs_site: bool = True
    """Whether it has the key `hdfs-site.xml`."""
    core_site: bool = False
    """Whether it has the key `core-site.xml`."""


def config_map_keys(
    name: str | None, field: str, namespace: str, results: Results, plan: Plan
) -> frozenset[str] | None:
    """Keys of the ConfigMap that a user names; None when none is named. Asks for it.

    Args:
        name: What the user says.
        field: The field that says it.
        namespace: Namespace of the runtime.
        results: To earlier queries.
        plan: Of this pass.

    Raises:
        InvalidSpec: It cannot have that name, does not exist, or cannot be read.
        NotYet: The query for it is not answered yet.
    """
    if not name:
        return None
    if not is_object_name(name):
        raise InvalidSpec(Whose.RUNTIME, field, f"{name[:63]!r} is no name of a ConfigMap", "Correct it")
    query = ReadConfigMap(Key(namespace, name))
    plan.ask(query)
    if query not in results:
        raise NotYet("ReadingConfigMap", f"reading ConfigMap {query.key}")
    keys = results[query]
    if keys is None:
        problem = f"ConfigMap {query.key} cannot be read"
        raise InvalidSpec(Whose.RUNTIME, field, problem, "Create it, or name another")
    return keys


def files_in(
    name: str | None, field: str, keys: frozenset[str] | None, files: Collection[str]
) -> frozenset[str]:
    """Which of some files a user's ConfigMap has; none when no ConfigMap is named.

    Args:
        name: What the user says.
        field: The field that says it.
        keys: Keys of the ConfigMap; None when there is none.
        files: Keys that the cache mounts as files.

    Raises:
        InvalidSpec: There is no such ConfigMap, or it has none of the files.
    """
    if not name:
        return frozenset()
    if keys is None:
        raise InvalidSpec(Whose.RUNTIME, field, f"there is no ConfigMap {name[:63]!r}", "Create it")
    if not (found := keys & frozenset(files)):
        problem = f"ConfigMap {name[:63]} has neither {' nor '.join(files)}"
        raise InvalidSpec(Whose.RUNTIME, field, problem, "Add one")
    return found


def hadoop_config(name: str | None, keys: frozenset[str] | None) -> HadoopConfig | None:
    """What of Hadoop's configuration the ConfigMap of `spec.hadoopConfig` has; None when none is named.

    Raises:
        InvalidSpec: There is no such ConfigMap, or it has none of Hadoop's files.
    """
    found = files_in(name, HADOOP_FIELD, keys, (HDFS_SITE, CORE_SITE))
    if not name:
        return None
    return HadoopConfig(config_map=name, hdfs_site=HDFS_SITE in found, core_site=CORE_SITE in found)
