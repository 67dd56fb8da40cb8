"""A Dataset's mounts as JindoCache sees them: their stores, configuration keys and cache sets."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fluid.engines import api
from fluid.engines.jindo.values import CacheSet

STORES = ("oss", "s3", "cos", "obs", "hdfs", "dls")
"""Kinds of remote stores that have configuration keys of their own."""
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
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
_DIALECT = api.options.Dialect(
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


@dataclass(frozen=True)
class Source(api.Source):
    """One mount of a Dataset, with its store."""

    @property
    def store(self) -> str | None:
        """Kind of remote store; unknown ones pass as ``oss``, local paths and claims have none."""
        if self.is_local or self.is_claim:
            return None
        return self.scheme if self.scheme in STORES else "oss"

    @property
    def bucket(self) -> str | None:
        """The bucket of an ``oss://`` address.

        Raises:
            InvalidSpec: It has none, or one that no file or key could be named after.
        """
        if self.scheme != "oss":
            return None
        bucket = self.uri.removeprefix("oss://").split("/", 1)[0]
        if not _BUCKET.fullmatch(bucket):
            raise self.refused("mountPoint", f"{self.uri[:80]!r} names no bucket", "Write oss://<bucket>/")
        return bucket

    @property
    def key_options(self) -> tuple[str, str]:
        """The options with the access key of its store."""
        return f"fs.{self.store}.accessKeyId", f"fs.{self.store}.accessKeySecret"


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
    return api.options.shared_properties(found, _OF_CACHE_SETS)


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
    plain = {name: source.options.get(name) for name in source.key_options}
    return keys | {f"{prefix}.{name.rpartition('.')[2]}": value for name, value in plain.items() if value}


def option_words(sources: Sequence[Source]) -> Iterator[api.SpecWarning]:
    """Warnings about options: unknown ones and unknown words, plain credentials, what has no place."""
    # Every option of HDFS reaches its client, whatever it is called.
    yield from api.options.foreign_words(_DIALECT, (source for source in sources if source.scheme != "hdfs"))
    yield from api.options.unknown_words(sources, _KNOWN)
    for source in sources:
        yield from api.plain_credentials(source, source.key_options if source.store else ())
    why = "JindoCache takes only the access key of a mount's store from Secrets"
    for source in sources:
        yield from api.options.without_place(source, source.key_options, why)


def cache_sets(sources: Iterable[Source]) -> list[CacheSet]:
    """How each mount is cached.

    Raises:
        InvalidSpec: An option has a value that the cache does not know.
    """
    return [_cache_set(source) for source in sources]


def _cache_set(source: Source) -> CacheSet:
    meta_policy = source.options.get("metaPolicy") or "ONCE"
    if meta_policy not in {"ONCE", "ALWAYS"}:
        raise source.refused("options[metaPolicy]", f"{meta_policy!r} is unknown", "Use ONCE or ALWAYS")
    chosen = {option: api.options.word_of(source, option, known) for option, known in _KNOWN.items()}
    for option, word in chosen.items():
        if word in {"DHT", "CACHE_ONLY"} and meta_policy != "ONCE":
            problem, fix = f"{word} needs metaPolicy ONCE", "Change one of the two"
            raise source.refused(f"options[{option}]", problem, fix)
    return CacheSet(
        name=source.name,
        path=source.cache_uri,
        cache_strategy=chosen["cacheStrategy"],
        meta_policy=meta_policy,
        read_cache_replica=api.options.number_of(source, "readCacheReplica", 1),
        write_policy=chosen["writePolicy"],
        write_cache_replica=api.options.number_of(source, "writeCacheReplica", 1),
    )


def customised(sets: Sequence[CacheSet]) -> list[CacheSet]:
    """The cache sets that a mount command alone would not give."""
    return [one for one in sets if one != CacheSet(name=one.name, path=one.path)]
