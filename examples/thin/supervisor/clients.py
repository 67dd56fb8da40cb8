"""The clients: what each makes of a configuration. Another one is a function here, and a name in CLIENTS."""

from collections.abc import Callable
from typing import NamedTuple

from configuration import (
    Config,
    UnusableError,
    is_read_only,
    one_line,
    options_of,
    place_of,
    private_file,
    rehearsal,
    value_of,
)


class Client(NamedTuple):
    """How to start a client, and commands that have to succeed before, each with the source it looks at."""

    checks: list[tuple[str, list[str]]]
    command: list[str]


Build = Callable[[Config, str], Client]
"""Makes a client of a configuration, for a place where it mounts."""


def rclone(config: Config, target: str) -> Client:
    """All sources under one mount: `combine` puts each into the folder of its path."""
    lines: list[str] = []
    upstreams: list[tuple[str, str]] = []
    for number, mount in enumerate(config["mounts"]):
        scheme, _, rest = mount["mountPoint"].partition("://")
        if scheme in ("local", "pvc"):  # where Fluid mounts directories of the node, and claims
            upstreams.append((place_of(mount), f"/underFSStorage/{place_of(mount)}"))
            continue
        first = {"provider": "Other", "env_auth": "false"} if scheme == "s3" else {}
        keys = {"type": scheme, **first, **mount.get("options", {})}
        lines += [f"[m{number}]", *(one_line(f"{key} = {value_of(text)}") for key, text in keys.items()), ""]
        upstreams.append((place_of(mount), f"m{number}:{rest.strip('/')}"))
    root = _combined(upstreams, lines)
    common = ["--config", private_file("rclone.conf", "\n".join(lines))]
    short = ["--retries=1", "--low-level-retries=1", "--contimeout=2s", "--timeout=4s"]  # it tries 4 times
    addresses = [mount["mountPoint"] for mount in config["mounts"]]
    checks = [
        (address, ["rclone", "lsf", "--max-depth=1", *common, *short, remote])
        for address, (_, remote) in zip(addresses, upstreams, strict=True)
    ]
    given = {key: text for key, text in options_of(config).items() if key not in ("ro", "rw")}  # of mount(8)
    flags = [f"--{key}={text}" if text else f"--{key}" for key, text in given.items()]
    mode = ["--read-only"] if is_read_only(config) else []
    return Client(checks, ["rclone", "mount", root, target, *common, "--allow-other", *mode, *flags])


def _combined(upstreams: list[tuple[str, str]], lines: list[str]) -> str:
    """What is mounted: a source at the root itself, else a remote that joins all."""
    if len(upstreams) == 1 and not upstreams[0][0]:
        return upstreams[0][1]
    for name, remote in upstreams:
        if not name or "/" in name or '"' in name + remote:
            problem = (
                f"{name!r} cannot be the path of a source: each needs a folder of its own, such as /data"
            )
            raise UnusableError(problem)
    names = [name for name, _ in upstreams]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UnusableError(f"two sources have the folder {twice!r}: give each a name or path of its own")
    lines += ["[all]", "type = combine", "upstreams = " + " ".join(f'"{a}={b}"' for a, b in upstreams), ""]
    return "all:"


def s3fs(config: Config, target: str) -> Client:
    """One bucket: s3fs cannot put several sources under one mount."""
    if len(config["mounts"]) != 1:
        raise UnusableError("s3fs mounts exactly one source: use the profile rclone for several")
    [mount] = config["mounts"]
    scheme, _, rest = mount["mountPoint"].partition("://")
    if scheme != "s3":
        raise UnusableError(f"s3fs cannot mount {scheme}://: write s3://<bucket>/<folder>")
    bucket, _, folder = rest.strip("/").partition("/")
    given = dict(mount.get("options", {}))
    keys = [one_line(value_of(given.pop(name))) for name in ("access_key_id", "secret_access_key")]
    flags = {"passwd_file": private_file("passwd-s3fs", ":".join(keys) + "\n"), "allow_other": ""}
    flags |= options_of(config)
    flags |= {"url" if key == "endpoint" else key: value_of(text) for key, text in given.items()}
    flags |= {"ro": ""} if is_read_only(config) else {}
    flags = {"dbglevel": "err", **flags}

    def at(place: str, **more: str) -> list[str]:
        pairs = {**flags, **more}.items()
        written = [word for key, text in pairs for word in ("-o", f"{key}={text}" if text else key)]
        return ["s3fs", f"{bucket}:/{folder}" if folder else bucket, place, "-f", *written]

    check = at(rehearsal(), retries="1")  # it mounts first, looks at the bucket then, and waits between tries
    return Client([(mount["mountPoint"], check)], at(target))


CLIENTS: dict[str, Build] = {"rclone": rclone, "s3fs": s3fs}
