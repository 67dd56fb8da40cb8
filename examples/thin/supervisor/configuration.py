"""What Fluid has written for this container: sources, options and credentials; and the files made of it.

Secrets are read from their files and handed on in files of mode 600; they are never printed.
"""

import contextlib
import hashlib
import json
import os
import re
from pathlib import Path
from typing import NotRequired, TypedDict

CONFIG = Path("/etc/fluid/config/config.json")
SECRETS = "/etc/fluid/secrets/"
SCRATCH = Path("/run/fluid-supervisor")
"""A volume that outlives the container."""


class Mount(TypedDict):
    """One source of the Dataset; credentials among the options are paths of files."""

    mountPoint: str
    name: NotRequired[str]
    path: NotRequired[str]
    options: NotRequired[dict[str, str]]


class Config(TypedDict):
    """What Fluid writes into config.json, as far as it is used here."""

    mounts: list[Mount]
    runtimeOptions: NotRequired[dict[str, str]]
    accessModes: NotRequired[list[str]]


class UnusableError(Exception):
    """The configuration asks for something that this client cannot do."""


PROBLEMS = (UnusableError, OSError, KeyError, ValueError)
"""What a configuration can be wrong by."""


def read() -> Config:
    """The configuration as it is now."""
    config: Config = json.loads(CONFIG.read_text())
    return config


def fingerprint() -> str:
    """What tells that the configuration, or a credential that it names, is another."""
    digest = hashlib.sha256(CONFIG.read_bytes())
    for mount in read()["mounts"]:
        for path in sorted(mount.get("options", {}).values()):
            if path.startswith(SECRETS) and Path(path).is_file():
                digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def secrets() -> set[str]:
    """The values of all credentials, as far as they can be read; very short ones are parts of any word."""
    found: set[str] = set()
    with contextlib.suppress(*PROBLEMS):
        for mount in read()["mounts"]:
            paths = [text for text in mount.get("options", {}).values() if text.startswith(SECRETS)]
            found |= {value_of(path) for path in paths}
    return {value for value in found if len(value) > 3}


def value_of(text: str) -> str:
    """An option's value: the content of its file if it is a credential."""
    return Path(text).read_text().strip() if text.startswith(SECRETS) else text


def one_line(text: str) -> str:
    """The same text, unless it would start another line of a file."""
    if re.search(r"[\x00-\x1f]", text):
        raise UnusableError("an option has a line break or control character")
    return text


def is_read_only(config: Config) -> bool:
    """Whether the Dataset is only read."""
    return "ReadOnlyMany" in config.get("accessModes", [])


def options_of(config: Config) -> dict[str, str]:
    """Options of profile and runtime; those of the configuration are newer."""
    pairs = (one.partition("=") for one in os.environ.get("MOUNT_OPTIONS", "").split(",") if one)
    return {**{key: rest for key, _, rest in pairs}, **config.get("runtimeOptions", {})}


def place_of(mount: Mount) -> str:
    """A source's path below the mount point, without slashes around it."""
    return (mount.get("path") or f"/{mount.get('name', '')}").strip("/")


def private_file(name: str, text: str) -> str:
    """A file of SCRATCH that only this process can read, there at once with all its text."""
    SCRATCH.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = SCRATCH / f".{name}"
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text)
    return str(new.replace(SCRATCH / name))


def rehearsal() -> str:
    """A place of the supervisor, where a client that checks nothing before is tried."""
    return str(SCRATCH / "rehearsal")
