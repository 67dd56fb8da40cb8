"""How the cache reaches the sources: configuration keys, cache sets and volumes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fluid.engines.core.errors import SpecWarning
from fluid.engines.jindo.sources import Source
from fluid.engines.jindo.values import CacheSet, DataVolume, UfsVolume
from fluid.engines.kit.foreign_options import Dialect, foreign_words, unknown_values
from fluid.engines.kit.properties import shared_properties
from fluid.engines.kit.source_volumes import claim_of, directory_of, folder_of, refuse_taken
from fluid.engines.kit.sources import HOST_VOLUME

_VOLUME_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?")
_OF_CACHE_SETS = frozenset(
    {"metaPolicy", "cacheStrategy", "writePolicy", "readCacheReplica", "writeCacheReplica"}
)
"""Options that say how one mount is cached; those of HDFS mounts stand among the keys as well."""
_ENDPOINT_KEYS: Mapping[str, tuple[str, ...]] = {
    "s3": ("endpoint", "region"),
    "cos": ("endpoint",),
    "obs": ("endpoint",),
    "dls": ("endpoint", "region"),
}
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "cacheStrategy": ("DISTRIBUTED", "DHT"),
    "writePolicy": ("WRITE_AROUND", "WRITE_THROUGH", "CACHE_ONLY"),
}
"""The values of an option that the cache knows; the first is the default."""
_DIALECT = Dialect(
    reader="a JindoRuntime",
    advice="Write the option in JindoCache's words, which begin with fs.",
    prefixes={"alluxio.": "Alluxio"},
    words={
        "endpoint": "fs.{scheme}.endpoint",
        "url": "fs.{scheme}.endpoint",
        "region": "fs.{scheme}.region",
        "access_key_id": "fs.{scheme}.accessKeyId",
        "secret_access_key": "fs.{scheme}.accessKeySecret",
    },
)


def endpoints(sources: Iterable[Source]) -> dict[int, str]:
    """The endpoint of each OSS mount, by the index of the mount.

    Raises:
        InvalidSpec: A mount has none.
    """
    found: dict[int, str] = {}
    for source in sources:
        if source.scheme != "oss":
            continue
        if not (endpoint := source.options.get("fs.oss.endpoint")):
            raise source.refused("options", "an OSS mount has no endpoint", "Set the option fs.oss.endpoint")
        found[source.index] = endpoint
    return found


def file_store(sources: Iterable[Source], endpoints: Mapping[int, str]) -> dict[str, str]:
    """Keys of the sources for the servers; clients read the same with `fs` for the first `jindocache`.

    Args:
        sources: The Dataset's mounts.
        endpoints: Endpoints of OSS mounts, by the index of the mount.

    Raises:
        InvalidSpec: An OSS mount has no bucket, or two mounts have different values for one key.
    """
    found = ((source, _keys(source, endpoints.get(source.index, ""))) for source in sources)
    return shared_properties(found, _OF_CACHE_SETS)


def _keys(source: Source, endpoint: str) -> dict[str, str]:
    kind, options = source.scheme, source.options
    if kind == "oss":
        return _oss_keys(source, endpoint)
    if kind == "hdfs":  # high availability needs keys that nobody can list
        return {key.replace("fs", "jindocache", 1): value for key, value in options.items()}
    wanted = {
        f"jindocache.{kind}.{key}": options.get(f"fs.{kind}.{key}") for key in _ENDPOINT_KEYS.get(kind, ())
    }
    return {key: value for key, value in wanted.items() if value}


def _oss_keys(source: Source, endpoint: str) -> dict[str, str]:
    prefix = f"jindocache.oss.bucket.{source.bucket}"
    keys = {f"{prefix}.endpoint": endpoint}
    if "dls" in endpoint:  # OSS-HDFS
        keys[f"{prefix}.data.lake.storage.enable"] = "true"
    for name in ("accessKeyId", "accessKeySecret"):
        if value := source.options.get(f"fs.oss.{name}"):
            keys[f"{prefix}.{name}"] = value
    return keys


def meaningless_words(sources: Sequence[Source]) -> Iterator[SpecWarning]:
    """A warning for each option that the cache does not read, or whose value it does not know."""
    # Every option of HDFS reaches its client, whatever it is called.
    yield from foreign_words(_DIALECT, (source for source in sources if source.scheme != "hdfs"))
    yield from unknown_values(sources, _KNOWN)


def ignored_options(sources: Iterable[Source]) -> list[SpecWarning]:
    """A warning for each option of a mount that JindoCache has no place for."""
    return [
        SpecWarning("OptionIgnored", f"{where} is ignored: {why}")
        for source in sources
        for where, why in _without_place(source)
    ]


def _without_place(source: Source) -> Iterator[tuple[str, str]]:
    if source.host_volume is not None:
        yield f"{source.path}.options[{HOST_VOLUME}]", "only ThinRuntimes have it"
    keys = {f"fs.{source.store}.{name}" for name in ("accessKeyId", "accessKeySecret")}
    for option in source.secrets:
        if option.path.startswith(source.path) and option.name not in keys:
            where = f"{option.path} ({option.name[:80]})"
            yield where, "JindoCache takes only the access key of a mount's store from Secrets"


def cache_sets(sources: Iterable[Source]) -> list[CacheSet]:
    """How each mount is cached.

    Raises:
        InvalidSpec: An option has a value that the cache does not know.
    """
    return [_cache_set(source) for source in sources]


def _cache_set(source: Source) -> CacheSet:
    options = source.options
    meta_policy = options.get("metaPolicy") or "ONCE"
    if meta_policy not in {"ONCE", "ALWAYS"}:
        raise source.refused(
            "options[metaPolicy]",
            f"{meta_policy!r} is unknown",
            "Use ONCE or ALWAYS",
        )
    strategy, write_policy = _known(options, "cacheStrategy"), _known(options, "writePolicy")
    for option, value in (("cacheStrategy", strategy), ("writePolicy", write_policy)):
        if value in {"DHT", "CACHE_ONLY"} and meta_policy != "ONCE":
            raise source.refused(
                f"options[{option}]",
                f"{value} needs metaPolicy ONCE",
                "Change one of the two",
            )
    return CacheSet(
        name=source.name,
        path=source.cache_uri,
        cache_strategy=strategy,
        meta_policy=meta_policy,
        read_cache_replica=_replicas(source, "readCacheReplica"),
        write_policy=write_policy,
        write_cache_replica=_replicas(source, "writeCacheReplica"),
    )


def _known(options: Mapping[str, str], option: str) -> str:
    """The value of an option, or the default where the cache does not know it."""
    value, known = options.get(option, ""), _KNOWN[option]
    return value if value in known else known[0]


def _replicas(source: Source, option: str) -> int:
    value = source.options.get(option) or "1"
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", value):
        raise source.refused(
            f"options[{option}]",
            f"{value[:40]!r} is no number",
            "Write a whole number",
        )
    return int(value)


def host_directories(sources: Iterable[Source]) -> list[DataVolume]:
    """Directories of nodes that all components mount, each once however often it is a source."""
    volumes: dict[str, DataVolume] = {}
    for source in sources:
        if source.is_local:
            path = f"{directory_of(source)}/"
            volumes.setdefault(path, DataVolume(name=_volume_name(source), path=path))
    return list(volumes.values())


def _volume_name(source: Source) -> str:
    # A number alone is the name of a tier's volume.
    usable = _VOLUME_NAME.fullmatch(source.name) and not source.name.isdigit()
    return source.name if usable else f"mount-{source.index}"


def claims(sources: Iterable[Source]) -> list[UfsVolume]:
    """Claims that all components mount.

    Raises:
        InvalidSpec: Two claims would be mounted at the same path, or a mount names no claim.
    """
    volumes: dict[str, UfsVolume] = {}
    for source in (source for source in sources if source.is_claim):
        claim = claim_of(source)
        refuse_taken(source, volumes)
        volumes[source.pod_path] = UfsVolume(
            name=claim if _VOLUME_NAME.fullmatch(claim) else f"claim-{source.index}",
            claim_name=claim,
            container_path=source.pod_path,
            sub_path=folder_of(source) or None,
            read_only=source.read_only,
        )
    return list(volumes.values())


def customised(sets: Sequence[CacheSet]) -> list[CacheSet]:
    """The cache sets that a mount command alone would not give."""
    return [one for one in sets if one != CacheSet(name=one.name, path=one.path)]
