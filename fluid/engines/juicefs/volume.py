"""The file system that a Dataset names: its edition, its part, and where each option of a mount belongs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from fluid.engines import api
from fluid.engines.juicefs.commands import METAURL
from fluid.engines.juicefs.values import Edition
from fluid.models import Dataset
from fluid.types import Quantity

_ADDRESS = re.compile(r"juicefs://(.*)")
_NAME = re.compile(r"[A-Za-z0-9][-A-Za-z0-9_.]{0,127}")
_OPTION = re.compile(r"[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
NAMED: Mapping[str, str] = {
    "metaurl": "METAURL",
    "access-key": "ACCESS_KEY",
    "secret-key": "SECRET_KEY",
    "token": "TOKEN",
}
"""Variables of the credentials that have a place of their own, by option, in the order of the variables."""
_FORMAT = frozenset(
    {
        *("storage", "bucket", "session-token", "storage-class", "block-size", "compress", "encrypt-rsa-key"),
        *("encrypt-algo", "hash-prefix", "shards", "capacity", "inodes", "trash-days", "enable-acl"),
        *("dir-stats",),
    }
)
"""Options of `juicefs format`; every other one is of the mount."""
_AUTH = ("bucket", "bucket2")
_AUTH_SECRETS = {"access-key2": "access_key2", "secret-key2": "secret_key2"}
_OF_FLUID = frozenset({"quota"})
_GIBI = 1024**3


@dataclass(frozen=True)
class Volume:
    """One file system, as the first mount of a Dataset names it.

    Attributes:
        mount: That mount.
        extra: How many more there are, which nobody mounts.
    """

    mount: api.Source
    extra: int = 0
    plain: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, dataset: Dataset) -> "Volume":
        """The file system of a Dataset.

        Raises:
            InvalidSpec: There is none, or it cannot be mounted.
        """
        sources = api.sources_as(api.Source, dataset)
        if not sources:
            fix = "Add a mount such as juicefs:///folder"
            raise api.InvalidSpec(api.Whose.DATASET, "spec.mounts", "is empty: nothing is mounted", fix)
        found = cls(sources[0], len(sources) - 1, sources[0].options)
        found.check()
        return found

    @cached_property
    def secrets(self) -> dict[str, api.SecretOption]:
        """Credentials by option; the mount's own count over shared ones."""
        return {option.name: option for option in self.mount.secrets}

    @property
    def edition(self) -> Edition:
        """The edition: whoever names the metadata engine means the community edition."""
        return "community" if "metaurl" in self.secrets else "enterprise"

    @property
    def source(self) -> str:
        """What clients mount."""
        return METAURL if self.edition == "community" else self.mount.name

    @cached_property
    def sub_path(self) -> str:
        """The folder of the file system that is mounted, ``/`` for all of it."""
        found = _ADDRESS.fullmatch(self.mount.uri)
        path = found[1] if found else ""
        if found is None or "," in path or ".." in path.split("/"):
            problem = f"{self.mount.uri[:80]!r} names no folder of a JuiceFS file system"
            raise self.mount.refused("mountPoint", problem, "Write juicefs:///folder, or juicefs:/// for all")
        return path or "/"

    @cached_property
    def quota(self) -> int | None:
        """The limit of the folder in GiB; None for none."""
        text = self.plain.get("quota")
        if not text:
            return None
        try:
            size = int(Quantity(text)) // _GIBI
        except ValueError:
            size = 0
        if size < 1:
            raise self.mount.refused("options[quota]", f"{text[:40]!r} is below 1Gi", "Write 1Gi or more")
        if self.sub_path == "/":
            raise self.mount.refused("options[quota]", "needs a folder", "Write juicefs:///folder")
        return size

    @property
    def format_options(self) -> dict[str, str]:
        """Plain options of `juicefs format`, or of `juicefs auth` in the enterprise edition."""
        known = _FORMAT if self.edition == "community" else _AUTH
        first = ("storage", *_AUTH)
        ordered = [*(one for one in first if one in self.plain), *sorted(self.plain.keys() - {*first})]
        return {key: self.plain[key] for key in ordered if key in known}

    @property
    def mount_options(self) -> dict[str, str]:
        """Plain options of the mount."""
        other = {*_OF_FLUID, *self.format_options}
        return {key: value for key, value in self.plain.items() if key not in other}

    @property
    def variables(self) -> dict[str, api.SecretOption]:
        """Credentials by the variable that has them: first those with a place of their own."""
        named = {NAMED[name]: self.secrets[name] for name in NAMED if name in self.secrets}
        others = {variable_of(name): one for name, one in self.secrets.items() if name not in NAMED}
        return {**named, **others}

    @property
    def secret_flags(self) -> list[tuple[str, str]]:
        """Flags of `format` or `auth` with the variables that have their values."""
        if self.edition == "community":
            named = {"access-key": "ACCESS_KEY", "secret-key": "SECRET_KEY"}
            others = {name: variable_of(name) for name in self.secrets if name in _FORMAT}
            return [(flag, one) for flag, one in named.items() if flag in self.secrets] + [*others.items()]
        named = {"token": "token", "access-key": "accesskey", "secret-key": "secretkey"}
        found = [(flag, NAMED[name]) for name, flag in named.items() if name in self.secrets]
        return found + [(name, one) for name, one in _AUTH_SECRETS.items() if name in self.secrets]

    def check(self) -> None:
        """Refuse what no client could be told; raises `InvalidSpec`."""
        mount, community = self.mount, self.edition == "community"
        if not _NAME.fullmatch(mount.name):
            problem = f"{mount.name[:80]!r} can be no name of a JuiceFS file system"
            raise mount.refused("name", problem, "Name it with letters, digits and dashes")
        if community and "token" in self.secrets:
            problem = "belongs to the enterprise edition, and metaurl to the community edition"
            raise self.secrets["token"].refused(problem, "Remove one of the two")
        if "metaurl" in self.plain:
            problem = "says where the metadata engine is, and may have a password"
            raise mount.refused("options[metaurl]", problem, "Put it into a Secret, in encryptOptions")
        if not community and "storage" in self.plain:
            problem = "is an option of the community edition, which needs metaurl"
            raise mount.refused("options[storage]", problem, "Add metaurl to encryptOptions, or remove it")
        check_options(self.plain, f"{mount.path}.options", api.Whose.DATASET)
        taken: dict[str, str] = {one: name for name, one in NAMED.items()}
        for name, option in self.secrets.items():
            variable = NAMED.get(name, variable_of(name))
            if not _VARIABLE.fullmatch(variable) or variable in RESERVED:
                problem = f"{name[:80]!r} can be no environment variable of the client"
                raise option.refused(problem, "Use letters, digits and dashes", ".name")
            if taken.setdefault(variable, name) != name:
                problem = f"{name[:80]!r} and {taken[variable][:80]!r} would be one environment variable"
                raise option.refused(problem, "Keep one of them", ".name")

    def warnings(self) -> Iterator[api.SpecWarning]:
        """What of the mounts means nothing."""
        if self.extra:
            problem, fix = "only the first mount is mounted", "Make a Dataset for each"
            yield api.meaningless(api.Whose.DATASET, "spec.mounts[1]", f"mounts={self.extra}", problem, fix)
        if self.mount.has_path and self.mount.mounted_at != "/":
            field, word = f"{self.mount.path}.path", f"path={self.mount.mounted_at}"
            problem, fix = "the files appear at the root", "Remove it"
            yield api.meaningless(api.Whose.DATASET, field, word, problem, fix)
        yield from api.plain_credentials(self.mount, [*NAMED, *_AUTH_SECRETS, "session-token"])


RESERVED = frozenset({"JFS_FOREGROUND", "FLUID_RUNTIME_TYPE", "FLUID_RUNTIME_NS", "FLUID_RUNTIME_NAME"})
"""Variables that Fluid sets beside credentials."""


def variable_of(option: str) -> str:
    """The variable of a credential without a place of its own."""
    return option.replace("-", "_")


def check_options(options: Mapping[str, str], path: str, subject: api.Subject) -> None:
    """Make sure that options can stand behind `-o`, where commas part them.

    Raises:
        InvalidSpec: They cannot.
    """
    for key, value in options.items():
        field = f"{path}[{key[:60]!r}]"
        if not _OPTION.fullmatch(key):
            raise api.InvalidSpec(subject, field, "can be no option of JuiceFS", "Correct its name")
        if "," in value or any(one < " " or one == "\x7f" for one in value):
            problem = "has a comma, line break or control character, which no option can have"
            raise api.InvalidSpec(subject, field, problem, "Remove it; separate directories by colons")


def check_flags(flags: Sequence[str]) -> list[str]:
    """The further flags of `format` or `auth`, each as ``name=value`` or ``name``.

    Raises:
        InvalidSpec: One is no flag, or one that Fluid sets.
    """
    found = [one.strip() for one in flags]
    for index, one in enumerate(found):
        name, _, value = one.partition("=")
        if (one and not _OPTION.fullmatch(name)) or any(char < " " for char in value):
            field, fix = f"spec.configs[{index}]", "Write it as name=value, without dashes"
            raise api.InvalidSpec(api.Whose.RUNTIME, field, f"{one[:80]!r} is no flag", fix)
    return [one for one in found if one]
