"""Credentials: the volume at /token that carries them, and the keys that say where they are.

Secrets are mounted and never read: the operator has no right to see them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from fluid.engines import api
from fluid.engines.jindo.mounts import Source
from fluid.models import Volume

TOKEN_URL = "secrets:///token/"
TOKEN_VOLUME = "jindofs-secret-token"
_PROVIDER = "com.aliyun.jindodata.oss.auth.CustomCredentialsProvider"
_FILES = {"accessKeyId": "AccessKeyId", "accessKeySecret": "AccessKeySecret"}
_OTHERS = "all mounts other than OSS"


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
