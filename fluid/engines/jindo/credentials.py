"""Credentials: the volume at /token that carries them, and the keys that say where they are.

Secrets are mounted and never read: the operator has no right to see them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.jindo.sources import Source
from fluid.engines.kit.sources import SecretOption
from fluid.models import (
    KeyToPath,
    ProjectedVolumeSource,
    SecretProjection,
    SecretVolumeSource,
    Volume,
    VolumeProjection,
)

TOKEN_URL = "secrets:///token/"
TOKEN_VOLUME = "jindofs-secret-token"
_PROVIDER = "com.aliyun.jindodata.oss.auth.CustomCredentialsProvider"
_FILES = {"accessKeyId": "AccessKeyId", "accessKeySecret": "AccessKeySecret"}


@dataclass(frozen=True)
class File:
    """One credential as a file below /token: where from, where to, and which field says so."""

    secret: str
    key: str
    path: str
    field: str


@dataclass(frozen=True)
class Credentials:
    """What a runtime's pods get to know of credentials.

    Attributes:
        files: Single keys of Secrets; those of OSS are in a directory for each bucket.
        whole_secret: Secret that is mounted with all its keys (`spec.secret`); empty for none.
        stores: Kinds of stores that find their credentials at /token.
        buckets: OSS buckets that have credentials of their own.
    """

    files: Sequence[File]
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
    files: dict[str, File] = {}
    stores: list[str] = [source.store for source in sources if source.store] if whole_secret else []
    buckets: list[str] = []
    for source in sources:
        for file in _pair(source):
            known = files.setdefault(file.path, file)
            if (known.secret, known.key) != (file.secret, file.key):
                raise _contradiction(file, known)
            stores.append(source.store or "")
            buckets += [source.bucket] if source.bucket else []
    _refuse_mixed_buckets(sources, frozenset(buckets))
    if whole_secret and not stores:
        stores = ["oss"]
    return Credentials(tuple(files.values()), whole_secret, _distinct(stores), _distinct(buckets))


def _pair(source: Source) -> list[File]:
    if source.store is None:
        return []
    wanted = {f"fs.{source.store}.{option}": file for option, file in _FILES.items()}
    found = {
        option.name: option for option in source.secrets if option.name in wanted
    }  # own ones after shared ones
    if not found:
        return []
    for name in wanted:
        if name not in found:
            plain = "stands in options in plain text" if source.options.get(name) else "is missing"
            other = next(iter(found.values()))
            raise InvalidSpec(
                Whose.DATASET,
                other.path,
                f"{other.name} is in a Secret but {name} {plain}",
                "Put both into a Secret",
            )
        if source.options.get(name):
            raise InvalidSpec(
                Whose.DATASET,
                f"{source.path}.options[{name}]",
                "stands in encryptOptions too",
                "Remove one of the two",
            )
    directory = f"{source.bucket}/" if source.bucket else ""
    return [_file(option, directory + wanted[name]) for name, option in sorted(found.items())]


def _refuse_mixed_buckets(sources: Iterable[Source], secret: frozenset[str]) -> None:
    """A bucket has one set of keys: it cannot be plain text at one mount and in a Secret at another."""
    for source in sources:
        if source.bucket not in secret:
            continue
        for option in _FILES:
            if source.options.get(f"fs.oss.{option}"):
                raise InvalidSpec(
                    Whose.DATASET,
                    f"{source.path}.options[fs.oss.{option}]",
                    f"is plain text, but another mount has bucket {source.bucket} in encryptOptions",
                    "Use encryptOptions for all mounts of this bucket",
                )


def _file(option: SecretOption, path: str) -> File:
    return File(option.secret, option.key, path, option.path)


def _contradiction(file: File, known: File) -> InvalidSpec:
    where = f"bucket {file.path.split('/')[0]}" if "/" in file.path else "all mounts other than OSS"
    return InvalidSpec(
        Whose.DATASET,
        file.field,
        f"there is one place for the credentials of {where}, and {known.field} fills it from "
        f"Secret {known.secret}, key {known.key}",
        "Use the same Secret and key, or another Dataset",
    )


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def token_volume(found: Credentials) -> Volume | None:
    """The volume for /token, or None without credentials."""
    if not found.present:
        return None
    by_secret: dict[str, list[KeyToPath]] = {}
    for file in found.files:
        by_secret.setdefault(file.secret, []).append(KeyToPath(key=file.key, path=file.path))
    if not by_secret:
        return Volume(name=TOKEN_VOLUME, secret=SecretVolumeSource(secret_name=found.whole_secret))
    if len(by_secret) == 1 and not found.buckets and not found.whole_secret:
        (secret, items), *_ = by_secret.items()
        return Volume(name=TOKEN_VOLUME, secret=SecretVolumeSource(secret_name=secret, items=items))
    projections = [SecretProjection(name=secret, items=items) for secret, items in by_secret.items()]
    if found.whole_secret:
        projections.insert(0, SecretProjection(name=found.whole_secret))
    sources = [VolumeProjection(secret=projection) for projection in projections]
    return Volume(name=TOKEN_VOLUME, projected=ProjectedVolumeSource(sources=sources))


def token_keys(found: Credentials, endpoint: str | None) -> dict[str, str]:
    """Where the servers find credentials; `endpoint` is the one that all OSS buckets share."""
    keys = {"default.credential.provider": TOKEN_URL if found.present else "none"}
    if endpoint:
        keys["jindocache.oss.endpoint"] = endpoint
    for store in found.stores:
        keys[f"jindocache.{store}.provider.endpoint"] = TOKEN_URL
    if found.buckets:
        keys["jindocache.oss.provider.format"] = "JSON"
    return keys | _bucket_keys("jindocache", found)


def client_keys(found: Credentials, endpoint: str | None) -> dict[str, str]:
    """Where FUSE and other clients find credentials."""
    keys: dict[str, str] = {}
    if endpoint:
        keys |= {f"{prefix}.oss.endpoint": endpoint for prefix in ("fs", "jindocache", "aliyun")}
    for store in found.stores:
        keys[f"fs.{store}.credentials.provider"] = _PROVIDER
        keys |= _general_keys(store)
    return keys | _bucket_keys("fs", found) | _bucket_urls(found)


def sdk_keys(found: Credentials, endpoint: str | None, endpoints: dict[str, str]) -> dict[str, str]:
    """The same for the SDK below the clients, which reads OSS buckets' keys only; `endpoints` by bucket."""
    if not found.buckets:
        return {}
    keys = _general_keys("oss") | _bucket_keys("fs", found) | _bucket_urls(found)
    keys |= {f"fs.oss.bucket.{bucket}.endpoint": endpoints[bucket] for bucket in found.buckets}
    if endpoint:
        keys |= {f"{prefix}.oss.endpoint": endpoint for prefix in ("fs", "aliyun")}
    return keys


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
