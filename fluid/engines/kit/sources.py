"""The mounts of a Dataset with all that applies to them: shared options, credentials, where they appear."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import normpath
from typing import TypeVar

from fluid.charts.text import has_control
from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.core.limits import refuse_many_options
from fluid.models import Dataset, EncryptOption, Mount

HOST_VOLUME = "fluid.fuse.hostvolume"
"""Option of a mount that is Fluid's own: a folder of the node for the FUSE pods."""
UNDER_STORAGE = "/underFSStorage"
"""Where claims, and for some engines directories of nodes, that are sources appear inside the pods."""


@dataclass(frozen=True)
class SecretOption:
    """An option whose value is in a Secret.

    Attributes:
        name: The option, such as ``fs.oss.accessKeyId``.
        secret: Name of the Secret.
        key: Key in the Secret.
        path: Field that says so.
    """

    name: str
    secret: str
    key: str
    path: str

    def refused(self, problem: str, fix: str, field: str = "") -> InvalidSpec:
        """What to raise where the option cannot be followed; `field` is one below its own."""
        return InvalidSpec(Whose.DATASET, f"{self.path}{field}", problem, fix)


@dataclass(frozen=True)
class Source:
    """One mount of a Dataset; an engine derives what is particular to it.

    Attributes:
        path: Field path of the mount, such as ``spec.mounts[0]``.
        index: Position in the Dataset.
        name: Name of the mount; may be empty.
        uri: What is mounted.
        mounted_at: Path in the cache's namespace.
        has_path: Whether the mount says so by its `path`, and not by its `name`.
        options: Own options over shared ones, without those that are Fluid's own.
        host_volume: Value of the option `fluid.fuse.hostvolume`; None without it.
        secrets: Shared, then own encryptOptions.
        read_only: Whether the Dataset's access modes allow reading only.
    """

    path: str
    index: int
    name: str
    uri: str
    mounted_at: str
    has_path: bool
    options: Mapping[str, str]
    host_volume: str | None
    secrets: Sequence[SecretOption]
    read_only: bool

    @property
    def scheme(self) -> str:
        """What stands before ``://``."""
        return self.uri.split("://", 1)[0] if "://" in self.uri else ""

    @property
    def is_local(self) -> bool:
        """Whether it is a directory of the nodes."""
        return self.uri.startswith("local:///")

    @property
    def is_claim(self) -> bool:
        """Whether it is a PersistentVolumeClaim of the namespace."""
        return self.uri.startswith("pvc://")

    @property
    def pod_path(self) -> str:
        """Where a claim appears inside the pods.

        Raises:
            InvalidSpec: It would be outside the directory for claims.
        """
        below = self.mounted_at if self.mounted_at.startswith("/") else f"/{self.mounted_at}"
        found = normpath(UNDER_STORAGE + below)
        if (found != UNDER_STORAGE and not found.startswith(f"{UNDER_STORAGE}/")) or ":" in found:
            raise self.refused("path", f"{below!r} cannot be mounted", "Use a path without '..' and ':'")
        return found

    @property
    def cache_uri(self) -> str:
        """The address that a cache mounts which has claims as local directories in its pods."""
        return f"local://{self.pod_path}" if self.is_claim else self.uri

    @property
    def place_field(self) -> str:
        """The field that says where it appears."""
        return f"{self.path}.{'path' if self.has_path else 'name'}"

    def refused(self, field: str, problem: str, fix: str) -> InvalidSpec:
        """What to raise where a field of this mount cannot be followed.

        Args:
            field: The field, from the mount on, such as ``options[endpoint]``.
            problem: What is wrong, as the rest of a sentence after the field.
            fix: Next step, as a sentence.
        """
        return InvalidSpec(Whose.DATASET, f"{self.path}.{field}", problem, fix)

    def recorded(self) -> Mount:
        """The mount for a status: where from and where to, never options, which may hold credentials."""
        mount = Mount(mount_point=self.uri, path=self.mounted_at)
        if self.name:
            mount.name = self.name
        return mount


S = TypeVar("S", bound=Source)


def read_only(dataset: Dataset) -> bool:
    """Whether the Dataset is only read: its access modes contain ReadOnlyMany, or are the default."""
    return "ReadOnlyMany" in (dataset.spec.access_modes or ["ReadOnlyMany"])


def sources_as(kind: type[S], dataset: Dataset) -> list[S]:
    """The Dataset's mounts in their order.

    Raises:
        InvalidSpec: A mount cannot be written into a file, a credential names no Secret or key, or two mounts
            would appear at one place, where only one of them can be; or there are more options than anybody
            could hold.
    """
    refuse_many_options(dataset)
    found = [_source(kind, dataset, index, mount) for index, mount in enumerate(dataset.spec.mounts or [])]
    _refuse_one_place(found)
    return found


def _refuse_one_place(sources: Sequence[Source]) -> None:
    places: dict[str, Source] = {}
    for source in sources:
        place = normpath(source.mounted_at)
        before = places.setdefault("/" + place.strip("/"), source)
        if before is not source:
            raise InvalidSpec(
                Whose.DATASET,
                f"{source.place_field} and {before.place_field}",
                f"both sources would appear at {place[:80]!r}, and one would hide the other",
                "Give each mount a name or an absolute path of its own",
            )


def _source(kind: type[S], dataset: Dataset, index: int, mount: Mount) -> S:
    path = f"spec.mounts[{index}]"
    for field, value in (
        ("name", mount.name or ""),
        ("mountPoint", mount.mount_point),
        ("path", mount.path or ""),
    ):
        if has_control(value):
            raise InvalidSpec(
                Whose.DATASET, f"{path}.{field}", "contains a line break or control character", "Remove it"
            )
    own = secret_options(mount.encrypt_options, f"{path}.encryptOptions")
    name, wanted = mount.name or "", mount.path or ""
    options = {**(dataset.spec.shared_options or {}), **(mount.options or {})}
    if HOST_VOLUME in (dataset.spec.shared_options or {}):
        raise InvalidSpec(
            Whose.DATASET,
            f"spec.sharedOptions[{HOST_VOLUME}]",
            "counts for one mount only",
            f"Write it in {path}.options",
        )
    return kind(
        path=path,
        index=index,
        name=name,
        uri=mount.mount_point,
        mounted_at=wanted if wanted.startswith("/") else f"/{name.lstrip('/')}",
        has_path=wanted.startswith("/"),
        host_volume=options.pop(HOST_VOLUME, None),
        options=options,
        secrets=(*shared_secret_options(dataset), *own),
        read_only=read_only(dataset),
    )


def shared_secret_options(dataset: Dataset) -> Iterator[SecretOption]:
    """The encryptOptions of all mounts; raises `InvalidSpec` for one that names no Secret or key."""
    return secret_options(dataset.spec.shared_encrypt_options, "spec.sharedEncryptOptions")


def secret_options(options: Sequence[EncryptOption] | None, path: str) -> Iterator[SecretOption]:
    """The options of a list.

    Raises:
        InvalidSpec: One names no Secret or key, or two of one name have their values from different places.
    """
    known: dict[str, SecretOption] = {}
    for index, option in enumerate(options or []):
        reference = option.value_from.secret_key_ref if option.value_from else None
        if reference is None or not reference.name or not reference.key:
            raise InvalidSpec(
                Whose.DATASET,
                f"{path}[{index}].valueFrom.secretKeyRef",
                f"the option {option.name} does not say where its value is",
                "Name the Secret and the key in it",
            )
        found = SecretOption(option.name, reference.name, reference.key, f"{path}[{index}]")
        before = known.setdefault(found.name, found)
        if (before.secret, before.key) != (found.secret, found.key):
            raise InvalidSpec(
                Whose.DATASET,
                f"{found.path}.name",
                f"{found.name[:80]!r} is the name of {before.path} too",
                "Keep one of them",
            )
        yield found
