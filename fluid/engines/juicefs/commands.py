"""Every command line of JuiceFS that pods run; texts of users are quoted for a shell, or refused.

The spelling is that of the command reference of JuiceFS 1.3 and 5.2. No JuiceFS program was at hand to run
them against.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fluid.engines.juicefs.values import Edition

CLI: Mapping[Edition, str] = {
    "community": "/usr/local/bin/juicefs",
    "enterprise": "/usr/bin/juicefs",
}
MOUNT: Mapping[Edition, str] = {"community": "/bin/mount.juicefs", "enterprise": "/sbin/mount.juicefs"}
METAURL = "${METAURL}"
SUMMARY_TIMEOUT = 600.0


def flag(name: str, value: str) -> str:
    """A flag of the user, as one word of a shell."""
    return shlex.quote(f"--{name}={value}" if value else f"--{name}")


def from_variable(name: str, variable: str) -> str:
    """A flag whose value is in an environment variable; `name` has been checked."""
    return f'--{name}="${{{variable}}}"'


def source(text: str) -> str:
    """What is mounted, as one word of a shell: the metadata engine by its variable, or a name."""
    return f'"{METAURL}"' if text == METAURL else shlex.quote(text)


def format_volume(flags: Sequence[str], name: str) -> str:
    """Makes the file system if there is none; one that is there stays as it is."""
    return " ".join([CLI["community"], "format", *flags, "--no-update", source(METAURL), shlex.quote(name)])


def sign_in(flags: Sequence[str], name: str) -> str:
    """Signs a client of the enterprise edition in."""
    return " ".join([CLI["enterprise"], "auth", *flags, shlex.quote(name)])


def set_quota(edition: Edition, of: str, path: str, gibibytes: int) -> str:
    """Limits the size of a directory."""
    words = [CLI[edition], "quota", "set", source(of), "--path", shlex.quote(path)]
    return " ".join([*words, "--capacity", str(gibibytes)])


def mount(edition: Edition, of: str, target: str, options: Mapping[str, str]) -> str:
    """Mounts, in the order of the options' names, and stays."""
    written = ",".join(f"{key}={value}" if value else key for key, value in sorted(options.items()))
    words = ["exec", MOUNT[edition], source(of), shlex.quote(target)]
    return " ".join([*words, "-o", shlex.quote(written)])


@dataclass(frozen=True)
class Script:
    """What a container runs: each step only if the one before has succeeded.

    Attributes:
        edition: Edition of the file system.
        name: Its name.
        prepare: Formats or signs in; empty for nothing.
        quota: Sets the quota; empty for none.
        mount: Mounts.
    """

    edition: Edition
    name: str
    prepare: str
    quota: str
    mount: str

    @property
    def text(self) -> str:
        """The text, for any POSIX shell; nothing is echoed, as variables have credentials."""
        prepare = self.prepare
        if prepare and self.edition == "enterprise":
            known = shlex.quote(f"/root/.juicefs/{self.name}.conf")
            prepare = f"if [ ! -f {known} ]; then\n  {prepare}\nfi"
        steps = [f"echo start: {what}\n{step}" for what, step in self._steps(prepare) if step]
        return "\n".join(["#!/bin/sh", "set -e", *steps, ""])

    def _steps(self, prepare: str) -> list[tuple[str, str]]:
        what = "format" if self.edition == "community" else "auth"
        return [(what, prepare), ("quota", self.quota), ("mount", self.mount)]


def unmount(target: str) -> list[str]:
    """What runs before a container stops."""
    return ["umount", target]


def mounted(target: str) -> list[str]:
    """Succeeds when the file system is there: its root has inode 1, and no other directory has."""
    return ["sh", "-c", 'test "$(stat -c %i -- "$1")" = 1', "sh", target]


def figures(target: str) -> tuple[str, ...]:
    """Prints figures of the client that mounts there."""
    return ("cat", f"{target}/.stats")


def summary(edition: Edition, target: str) -> tuple[str, ...]:
    """Prints size and number of the files below a directory."""
    return (CLI[edition], "summary", "--csv", "--depth", "0", "--entries", "1", target)


def status() -> tuple[str, ...]:
    """Prints what the metadata engine says of the file system, its id among it."""
    return ("sh", "-c", f'{CLI["community"]} status "{METAURL}"')


def remove_blocks(directories: Sequence[str], volume: str) -> tuple[str, ...]:
    """Removes the cached blocks of a file system; the directories and the id have been checked."""
    return ("rm", "-rf", "--", *(f"{one}/{volume}/raw/chunks" for one in directories))
