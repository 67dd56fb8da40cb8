"""A Dataset's mounts as JindoCache sees them: stores, configuration keys, cache sets, and credentials.

Credentials are in a volume at /token, and keys say where. Secrets are mounted and never read: the operator
has no right to see them.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fluid.engines import api
from fluid.engines.jindo.values import CacheSet
from fluid.models import Volume

STORES = ("oss", "s3", "cos", "obs", "hdfs", "dls")
"""Kinds of remote stores that have configuration keys of their own."""
TOKEN_URL = "secrets:///token/"
TOKEN_VOLUME = "jindofs-secret-token"
_PROVIDER = "com.aliyun.jindodata.oss.auth.CustomCredentialsProvider"
_FILES = {"accessKeyId": "AccessKeyId", "accessKeySecret": "AccessKeySecret"}
_OTHERS = "all mounts other than OSS"
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


@dataclass(frozen=True)
class Credentials:
    """What a runtime's pods get to know of credentials.

    Attributes:
        files: Single keys of Secrets; those of OSS are in a directory for each bucket.
        whole_secret: Secret that is mounted with all its keys (`spec.secret`); empty for none.
        stores: Kinds of stores that find their credentials at /token.
        buckets: OSS buckets that have credentials of their own.
    """

    files: Sequence[api.secret_files.SecretFile]
    whole_secret: str
    stores: Sequence[str]
    buckets: Sequence[str]

    @property
    def present(self) -> bool:
        """Whether there are any."""
        return bool(self.files or self.whole_secret)


def credentials(sources: Sequence[Source], whole_secret: str) -> Credentials:
    """Collect the credentials of all mounts.

    Raises:
        InvalidSpec: Half of a pair is missing, stands in plain text, or two mounts contradict each other.
    """
    stores: list[str] = [source.store for source in sources if source.store] if whole_secret else []
    buckets: list[str] = []
    files: list[api.secret_files.SecretFile] = []
    for source in (source for source in sources if source.store):
        pair = api.secret_files.secret_pair(source, source.key_options)
        directory, of = (f"{source.bucket}/", f"bucket {source.bucket}") if source.bucket else ("", _OTHERS)
        for name, option in sorted(pair.items()):
            file = _FILES[name.rpartition(".")[2]]
            files.append(api.secret_files.SecretFile.of_option(option, f"{directory}{file}", of))
        stores += [source.store or ""] if pair else []
        buckets += [source.bucket] if pair and source.bucket else []
    found = api.secret_files.placed(files)
    _refuse_mixed_buckets(sources, buckets)
    if whole_secret and not stores:
        stores = ["oss"]
    return Credentials(found, whole_secret, tuple(dict.fromkeys(stores)), tuple(dict.fromkeys(buckets)))


def _refuse_mixed_buckets(sources: Iterable[Source], secret: Collection[str]) -> None:
    """A bucket has one set of keys: it cannot be plain text at one mount and in a Secret at another."""
    for source in (source for source in sources if source.bucket in secret):
        for name in source.key_options:
            if source.options.get(name):
                problem = f"is plain text, but another mount has bucket {source.bucket} in encryptOptions"
                fix = "Use encryptOptions for all mounts of this bucket"
                raise source.refused(f"options[{name}]", problem, fix)


def token_volume(found: Credentials) -> Volume | None:
    """The volume for /token, or None without credentials."""
    return api.secret_files.files_volume(
        TOKEN_VOLUME, found.files, found.whole_secret, plain=not found.buckets
    )


def token_keys(found: Credentials, endpoint: str | None) -> dict[str, str]:
    """Where the servers find credentials; `endpoint` is the one that all OSS buckets share."""
    keys = {"default.credential.provider": TOKEN_URL if found.present else "none"}
    keys |= {"jindocache.oss.endpoint": endpoint} if endpoint else {}
    keys |= {f"jindocache.{store}.provider.endpoint": TOKEN_URL for store in found.stores}
    keys |= {"jindocache.oss.provider.format": "JSON"} if found.buckets else {}
    return keys | _bucket_keys("jindocache", found)


def client_keys(found: Credentials, endpoint: str | None) -> dict[str, str]:
    """Where FUSE and other clients find credentials."""
    keys = {f"{prefix}.oss.endpoint": endpoint for prefix in ("fs", "jindocache", "aliyun") if endpoint}
    for store in found.stores:
        keys |= {f"fs.{store}.credentials.provider": _PROVIDER, **_general_keys(store)}
    return keys | _bucket_keys("fs", found) | _bucket_urls(found)


def sdk_keys(found: Credentials, endpoint: str | None, endpoints: dict[str, str]) -> dict[str, str]:
    """The same for the SDK below the clients, which reads OSS buckets' keys only; `endpoints` by bucket."""
    if not found.buckets:
        return {}
    keys = _general_keys("oss") | _bucket_keys("fs", found) | _bucket_urls(found)
    keys |= {f"fs.oss.bucket.{bucket}.endpoint": endpoints[bucket] for bucket in found.buckets}
    return keys | {f"{prefix}.oss.endpoint": endpoint for prefix in ("fs", "aliyun") if endpoint}


def _general_keys(store: str) -> dict[str, str]:
    return {
        f"aliyun.{store}.provider.url": TOKEN_URL,
        f"fs.{store}.provider.endpoint": TOKEN_URL,
        f"fs.{store}.provider.format": "JSON",
    }


def _bucket_keys(prefix: str, found: Credentials) -> dict[str, str]:
    keys: dict[str, str] = {}
    for bucket in found.buckets:
        base = f"{prefix}.oss.bucket.{bucket}"
        keys[f"{base}.credentials.provider"] = _PROVIDER
        keys[f"{base}.provider.endpoint"] = f"{TOKEN_URL}{bucket}/"
        keys[f"{base}.provider.format"] = "JSON"
    return keys


def _bucket_urls(found: Credentials) -> dict[str, str]:
    return {f"aliyun.oss.bucket.{bucket}.provider.url": f"{TOKEN_URL}{bucket}/" for bucket in found.buckets}
