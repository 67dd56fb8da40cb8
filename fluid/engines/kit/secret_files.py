"""Credentials as files: Secrets are mounted by kubelets, and nobody here reads one.

There are two ways. A directory for each Secret has all its keys as files, and an option of a mount becomes
the path of one (`attach_secrets`, `secret_path`). Or single keys become files at places that the cache
prescribes (`SecretFile`, `placed`, `files_volume`). Neither uses a subPath, so a Secret that changes arrives
in running pods.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fluid.engines.core.errors import InvalidSpec, SpecWarning, Whose
from fluid.engines.kit.credential_names import credentials_in
from fluid.engines.kit.sources import SecretOption, Source
from fluid.engines.kit.volumes import Attachments, is_key, is_object_name, is_volume_name, volume_name
from fluid.models import (
    Dataset,
    EnvVar,
    EnvVarSource,
    KeyToPath,
    ProjectedVolumeSource,
    SecretKeySelector,
    SecretProjection,
    SecretVolumeSource,
    Volume,
    VolumeMount,
    VolumeProjection,
)

SECRETS = "/etc/fluid/secrets"
"""Directory of the pods with a directory for each Secret."""


def secret_path(option: SecretOption) -> str:
    """The file that holds a credential, where its Secret was attached."""
    return f"{SECRETS}/{option.secret}/{option.key}"


def attach_secrets(found: Attachments, options: Iterable[SecretOption], prefix: str) -> None:
    """Mount the Secrets of some options as directories.

    Args:
        found: What the pods mount already.
        options: Which credentials are needed.
        prefix: What the names of the volumes begin with.

    Raises:
        InvalidSpec: A Secret or key has a name that none can have.
    """
    for option in options:
        refuse_unusable(option)
        attach_secret(found, option.secret, prefix)


def attach_secret(found: Attachments, name: str, prefix: str, *, optional: bool = False) -> None:
    """Mount one Secret as a directory, once however often it is asked for.

    Args:
        found: What the pods mount already.
        name: Name of the Secret.
        prefix: What the name of the volume begins with.
        optional: Whether pods start without it where it does not exist.
    """
    place = f"{SECRETS}/{name}"
    if place in found.mounts:
        return
    source = SecretVolumeSource(secret_name=name)
    if optional:
        source.optional = True
    volume = f"{prefix}-{name}"
    if not is_volume_name(volume):
        volume = volume_name(prefix, name)
    found.add(Volume(name=volume, secret=source), VolumeMount(name=volume, mount_path=place, read_only=True))


def secret_variable(name: str, option: SecretOption) -> EnvVar:
    """A credential as an environment variable, for programs that read no files: the kubelet fills it in.

    A Secret that changes arrives in pods that are started after that, and in no other.

    Args:
        name: Name of the variable.
        option: Where the value is.

    Raises:
        InvalidSpec: The Secret or key has a name that none can have.
    """
    refuse_unusable(option)
    key = SecretKeySelector(name=option.secret, key=option.key)
    return EnvVar(name=name, value_from=EnvVarSource(secret_key_ref=key))


def refuse_unusable(option: SecretOption) -> None:
    """Make sure that there can be a Secret and a key of these names.

    Raises:
        InvalidSpec: There cannot.
    """
    if not is_object_name(option.secret):
        problem = f"{option.secret[:63]!r} is no name of a Secret"
        raise option.refused(problem, "Correct it", ".valueFrom.secretKeyRef.name")
    if not is_key(option.key):
        problem = f"{option.key[:63]!r} is no key of a Secret"
        raise option.refused(problem, "Correct it", ".valueFrom.secretKeyRef.key")


@dataclass(frozen=True)
class SecretFile:
    """One key of a Secret as a file.

    Attributes:
        secret: Name of the Secret.
        key: Key in the Secret.
        path: The file, below the directory where the volume is mounted.
        field: Field that says so.
        of: Whose credential it is, for messages, such as ``bucket images``.
    """

    secret: str
    key: str
    path: str
    field: str
    of: str

    @classmethod
    def of_option(cls, option: SecretOption, path: str, of: str) -> "SecretFile":
        """The credential of an option at a path."""
        return cls(option.secret, option.key, path, option.path, of)


def placed(files: Iterable[SecretFile]) -> tuple[SecretFile, ...]:
    """The files, each place once.

    Raises:
        InvalidSpec: Two different credentials would be one file.
    """
    found: dict[str, SecretFile] = {}
    for file in files:
        known = found.setdefault(file.path, file)
        if (known.secret, known.key) != (file.secret, file.key):
            raise InvalidSpec(
                Whose.DATASET,
                file.field,
                f"there is one place for the credentials of {file.of}, and {known.field} fills it from "
                f"Secret {known.secret}, key {known.key}",
                "Use the same Secret and key, or another Dataset",
            )
    return tuple(found.values())


def files_volume(
    name: str, files: Sequence[SecretFile], whole: str = "", *, plain: bool = True
) -> Volume | None:
    """The volume with some files; None if there are none.

    Args:
        name: Name of the volume.
        files: Single keys.
        whole: Secret of which all keys are files, under their own names; empty for none.
        plain: Whether the files of a single Secret are a volume of that Secret, and no projection.
    """
    items: dict[str, list[KeyToPath]] = {}
    for file in files:
        items.setdefault(file.secret, []).append(KeyToPath(key=file.key, path=file.path))
    if not items:
        return Volume(name=name, secret=SecretVolumeSource(secret_name=whole)) if whole else None
    if plain and len(items) == 1 and not whole:
        ((secret, keys),) = items.items()
        return Volume(name=name, secret=SecretVolumeSource(secret_name=secret, items=keys))
    projections = [SecretProjection(name=whole)] if whole else []
    projections += [SecretProjection(name=secret, items=keys) for secret, keys in items.items()]
    sources = [VolumeProjection(secret=projection) for projection in projections]
    return Volume(name=name, projected=ProjectedVolumeSource(sources=sources))


def secret_pair(source: Source, names: Sequence[str]) -> dict[str, SecretOption]:
    """The encryptOptions of a mount with these names: all of them, or none.

    Args:
        source: A mount.
        names: The options that belong together, such as an access key's id and secret.

    Raises:
        InvalidSpec: One is missing, one has its value in the Dataset, or one names what can be no Secret.
    """
    found = {option.name: option for option in source.secrets if option.name in names}  # own after shared
    for name in names if found else ():
        plain = source.options.get(name)
        if name not in found:
            other, what = (
                next(iter(found.values())),
                "stands in options in plain text" if plain else "is missing",
            )
            raise other.refused(f"{other.name} is in a Secret but {name} {what}", "Put both into a Secret")
        if plain:
            problem, fix = "stands in encryptOptions too", "Remove one of the two"
            raise source.refused(f"options[{name}]", problem, fix)
        refuse_unusable(found[name])
    return found


def plain_credentials(source: Source, names: Iterable[str] = ()) -> list[SpecWarning]:
    """A warning for each option of a mount that has a credential in the Dataset.

    An option that the mount's encryptOptions have too is left out: `hidden_options` tells of it.

    Args:
        source: A mount.
        names: Further options that the engine takes for credentials, beside `credential_names`.
    """
    hidden = {option.name for option in source.secrets if option.path.startswith(source.path)}
    found = {*credentials_in(source.options), *(name for name in names if source.options.get(name))} - hidden
    return [
        SpecWarning(
            "PlaintextCredentials",
            f"{source.path}.options[{name[:80]}] is a credential that everybody can read; use encryptOptions",
        )
        for name in sorted(found)
    ]


def hidden_options(dataset: Dataset) -> Iterator[SpecWarning]:
    """A warning for each plain option of a mount that the Secret of an encryptOption stands in place of."""
    for index, mount in enumerate(dataset.spec.mounts or ()):
        for option in mount.encrypt_options or ():
            if option.name in (mount.options or {}):
                field = f"spec.mounts[{index}].options[{option.name[:80]}]"
                yield SpecWarning("OptionIgnored", f"{field} is ignored: encryptOptions has it too")
