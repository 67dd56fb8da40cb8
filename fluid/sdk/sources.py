"""Builders of the sources of a Dataset and the tiers of a cache."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict, Unpack

from pydantic import JsonValue

from fluid.models import Level, Mount
from fluid.types import AuthoringError, Quantity

Medium = Literal["MEM", "SSD", "HDD"]


class MountOptions(TypedDict, total=False):
    """Arguments that every source takes.

    Attributes:
        name: Name of the mount, which is its folder unless `path` is given. Default: the bucket's, claim's or
            last folder's name.
        path: Absolute path in the Dataset; ``/`` makes the source its root.
        options: Options of the storage by key, such as ``fs.oss.endpoint``. Never credentials.
        read_only: Whether the source is never written to.
        shared: Whether all users of the Dataset may share the mount.
    """

    name: str
    path: str
    options: Mapping[str, str]
    read_only: bool
    shared: bool


def s3(
    bucket: str,
    *,
    secret: str | None = None,
    secret_keys: tuple[str, str] = ("fs.s3.accessKeyId", "fs.s3.accessKeySecret"),
    endpoint: str | None = None,
    region: str | None = None,
    **common: Unpack[MountOptions],
) -> Mount:
    """A bucket of S3, or of a store that speaks its protocol, in the words of JindoCache.

    A ThinRuntime refuses these options: its image reads words of its own, see `source`.

    Args:
        bucket: ``bucket`` or ``bucket/folder``.
        secret: Secret of the Dataset's namespace with the access keys.
        secret_keys: Its keys that hold the access key's id and secret.
        endpoint: Address of the store.
        region: Region of the bucket.
        common: See `MountOptions`.

    Raises:
        AuthoringError: A value is malformed.
    """
    options = {"fs.s3.endpoint": endpoint, "fs.s3.region": region}
    return _mount("s3", bucket, common, options, _credentials("s3", secret, secret_keys))


def oss(
    bucket: str,
    *,
    secret: str | None = None,
    secret_keys: tuple[str, str] = ("fs.oss.accessKeyId", "fs.oss.accessKeySecret"),
    endpoint: str | None = None,
    **common: Unpack[MountOptions],
) -> Mount:
    """A bucket of Alibaba Cloud OSS, in the words of JindoCache.

    A ThinRuntime refuses these options: its image reads words of its own, see `source`.

    Args:
        bucket: ``bucket`` or ``bucket/folder``.
        secret: Secret of the Dataset's namespace with the access keys.
        secret_keys: Its keys that hold the access key's id and secret.
        endpoint: Address of the store; JindoCache needs it, here or in the Dataset's shared options.
        common: See `MountOptions`.

    Raises:
        AuthoringError: A value is malformed.
    """
    return _mount(
        "oss", bucket, common, {"fs.oss.endpoint": endpoint}, _credentials("oss", secret, secret_keys)
    )


def hdfs(address: str, **common: Unpack[MountOptions]) -> Mount:
    """A folder of HDFS: ``namenode:8020/folder``, or a name service that `hadoop_config` explains.

    Raises:
        AuthoringError: A value is malformed.
    """
    return _mount("hdfs", address, common)


def pvc(claim: str, **common: Unpack[MountOptions]) -> Mount:
    """A PersistentVolumeClaim of the Dataset's namespace: ``claim`` or ``claim/folder``.

    Raises:
        AuthoringError: A value is malformed.
    """
    return _mount("pvc", claim, common)


def host_path(folder: str, **common: Unpack[MountOptions]) -> Mount:
    """A folder that every node has, such as a mounted file system.

    Raises:
        AuthoringError: The path is not absolute.
    """
    if not folder.startswith("/"):
        raise AuthoringError([f"host_path: {folder!r} is not absolute: write it like '/mnt/data'"])
    return _mount("local", folder, common)


def juicefs(
    volume: str,
    folder: str = "/",
    *,
    secret: str,
    secret_options: Mapping[str, str] | None = None,
    **common: Unpack[MountOptions],
) -> Mount:
    """A JuiceFS file system, or a folder of it, for a JuiceFSRuntime.

    Args:
        volume: Name of the file system.
        folder: What of it is mounted.
        secret: Secret of the Dataset's namespace with the credentials.
        secret_options: Key of the Secret by option. Default is ``{"metaurl": "metaurl"}``: the address of the
            metadata engine, which makes it the community edition. The enterprise edition has a ``token``.
        common: See `MountOptions`; options of JuiceFS are ``storage`` and ``bucket`` of a file system that is
            to be made, and those of its mount. ``name`` is the volume.

    Raises:
        AuthoringError: A value is malformed.
    """
    found = source(
        f"juicefs:///{folder.lstrip('/')}" if folder.strip("/") else "juicefs:///volume",
        secret=secret,
        secret_options=secret_options or {"metaurl": "metaurl"},
        **{**common, "name": volume},
    )
    return found if folder.strip("/") else found.model_copy(update={"mount_point": "juicefs:///"})


def source(
    address: str,
    *,
    secret: str | None = None,
    secret_options: Mapping[str, str] | None = None,
    **common: Unpack[MountOptions],
) -> Mount:
    """Any address, in the words of the client that mounts it, as ThinRuntimes have them.

    Args:
        address: With its scheme, such as ``s3://bucket/folder`` or ``sftp:///home/team``.
        secret: Secret of the Dataset's namespace with the credentials.
        secret_options: Key of the Secret by option of the client, such as ``{"access_key_id": "id"}``.
        common: See `MountOptions`.

    Raises:
        AuthoringError: A value is malformed.
    """
    scheme, found, rest = address.partition("://")
    if not found:
        raise AuthoringError([f"source: {address!r} has no scheme: write it like 's3://bucket'"])
    if (secret is None) != (not secret_options):
        raise AuthoringError(["source: secret and secret_options belong together: give both or none"])
    credentials: list[JsonValue] = [
        {"name": option, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
        for option, key in (secret_options or {}).items()
    ]
    return _mount(scheme, rest, common, credentials=credentials)


def tier(
    medium: Medium,
    quota: str | Quantity | Sequence[str | Quantity],
    *paths: str,
    high: float | None = None,
    low: float | None = None,
) -> Level:
    """One tier of a cache worker's store.

    Args:
        medium: Kind of storage.
        quota: Bytes on each worker, such as ``10Gi``, shared out over the paths; or a list with one for each.
        paths: Directories on the nodes. Default for MEM is ``/dev/shm``.
        high: Share of the quota, such as 0.95, above which data is evicted.
        low: Share down to which it is.

    Raises:
        AuthoringError: A quota is malformed, a path is missing, or their numbers differ.
    """
    paths = paths or (("/dev/shm",) if medium == "MEM" else ())
    if not paths:
        raise AuthoringError([f"tier: {medium} needs a directory: tier({medium!r}, '100Gi', '/mnt/disk1')"])
    level: dict[str, JsonValue] = {"mediumtype": medium, "path": ",".join(paths)}
    if isinstance(quota, str | Quantity):
        level["quota"] = str(quota)
    elif len(quota) != len(paths):
        raise AuthoringError([f"tier: {len(quota)} quotas for {len(paths)} paths: give one for each"])
    else:
        level["quota" if len(quota) == 1 else "quotaList"] = ",".join(map(str, quota))
    bounds = {"high": high, "low": low}
    return Level.author(level | {name: str(value) for name, value in bounds.items() if value is not None})


def _mount(
    scheme: str,
    address: str,
    common: MountOptions,
    options: Mapping[str, str | None] | None = None,
    credentials: Sequence[JsonValue] = (),
) -> Mount:
    address = address.removeprefix(f"{scheme}://")
    folders = address.strip("/").split("/")
    if not folders[0]:
        raise AuthoringError([f"{scheme}: the address is empty: name a bucket, host, claim or folder"])
    rooted = scheme == "hdfs" or address.startswith("/")
    name = folders[-1] if rooted else folders[0]
    every = {**(options or {}), **common.get("options", {})}
    given: dict[str, JsonValue] = {key: value for key, value in every.items() if value is not None}
    mount: dict[str, JsonValue] = {
        "mountPoint": f"{scheme}://{address}",
        "name": common.get("name") or name.split(":")[0],
        "options": given or None,
        "encryptOptions": [*credentials] or None,
        "path": common.get("path"),
        "readOnly": common.get("read_only"),
        "shared": common.get("shared"),
    }
    return Mount.author({key: value for key, value in mount.items() if value is not None})


def _credentials(store: str, secret: str | None, keys: tuple[str, str]) -> list[JsonValue]:
    if secret is None:
        return []
    return [
        {"name": f"fs.{store}.{option}", "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
        for option, key in zip(("accessKeyId", "accessKeySecret"), keys, strict=True)
    ]
