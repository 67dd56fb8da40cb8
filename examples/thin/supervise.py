"""Runs a FUSE client for Fluid: `supervise.py rclone` or `supervise.py s3fs`. Needs Python 3.11.

Reads /etc/fluid/config/config.json, starts the client, and keeps it: a client that dies is started again in
place, without the kubelet's back-off, and a changed configuration or credential starts it anew. A client that
never came up ends the container with the client's last line, which Fluid shows on the runtime. Secrets are
read from their files and handed on in files of mode 600; they are never printed.
"""

import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict

CONFIG = Path("/etc/fluid/config/config.json")
SECRETS = "/etc/fluid/secrets/"
SCRATCH = Path("/run/fluid-supervisor")
LOOK = 0.5
"""Seconds between two looks at the files."""
MOUNTED_WITHIN = 20.0
"""Seconds in which a client has to mount, and a source to answer."""
ATTEMPTS = 3
"""Failures after which a client that never mounted is given up."""
SLOWEST = 5.0
"""Seconds between two starts of a client that has mounted before, at most."""


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


class Client(NamedTuple):
    """How to start a client, and commands that have to succeed before, each with the source it looks at."""

    checks: list[tuple[str, list[str]]]
    command: list[str]


class UnusableError(Exception):
    """The configuration asks for something that this client cannot do."""


Build = Callable[[Config, str], Client]
PROBLEMS = (UnusableError, OSError, KeyError, ValueError)


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
    """A file that only we can read."""
    SCRATCH.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = SCRATCH / name
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)
    return str(path)


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
    short = ["--retries=1", "--low-level-retries=1", "--contimeout=5s", "--timeout=5s"]
    addresses = [mount["mountPoint"] for mount in config["mounts"]]
    checks = [
        (address, ["rclone", "lsf", "--max-depth=1", *common, *short, remote])
        for address, (_, remote) in zip(addresses, upstreams, strict=True)
    ]
    flags = [f"--{key}={text}" if text else f"--{key}" for key, text in options_of(config).items()]
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
    written = [word for key, text in flags.items() for word in ("-o", f"{key}={text}" if text else key)]
    return Client([], ["s3fs", f"{bucket}:/{folder}" if folder else bucket, target, "-f", *written])


CLIENTS: dict[str, Build] = {"rclone": rclone, "s3fs": s3fs}


def read_config() -> Config:
    """The configuration as it is now."""
    config: Config = json.loads(CONFIG.read_text())
    return config


def fingerprint() -> str:
    """What tells that the configuration, or a credential that it names, is another."""
    digest = hashlib.sha256(CONFIG.read_bytes())
    for mount in read_config()["mounts"]:
        for path in sorted(mount.get("options", {}).values()):
            if path.startswith(SECRETS) and Path(path).is_file():
                digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def is_mounted(target: str) -> bool:
    """By the mount table: a look at a dead mount can hang."""
    return any(line.split()[4] == target for line in Path("/proc/self/mountinfo").read_text().splitlines())


def unmount(target: str) -> None:
    """Take the mount away, however dead it is, and others below it."""
    while is_mounted(target):
        if subprocess.run(["umount", "-l", target], timeout=10).returncode != 0:
            return


class Supervisor:
    """One client and its mount."""

    def __init__(self, build: Build, target: str) -> None:
        self.build = build
        self.target = target
        self.client: subprocess.Popen[bytes] | None = None
        self.known = ""
        self.proven = ""
        self.mounted_at = 0.0
        self.settled = False
        self.said = "the client said nothing"

    def run(self) -> None:
        """Until SIGTERM; ends with an error when the client never comes up."""
        failures, delay = 0, 0.1
        while True:
            looked = self.client is not None
            if self.look() if looked else self.start():
                if looked and time.monotonic() - self.mounted_at > 1:
                    failures, delay = 0, 0.1
                continue
            failures += 1
            if failures >= ATTEMPTS and not self.settled:
                sys.exit(self.said)
            time.sleep(delay)
            delay = min(2 * delay, SLOWEST)

    def look(self) -> bool:
        """See whether the client lives and has what it should have; False if it gave up by itself."""
        assert self.client is not None
        code = self.client.poll()
        lived = time.monotonic() - self.mounted_at
        self.settled = self.settled or lived > MOUNTED_WITHIN or (code is not None and code < 0)
        if code is not None:
            log(f"the client ended with {code}: it is started again")
            self.client = None
            self.proven = self.known if code < 0 else ""  # killed: no reason to doubt its sources
            if code >= 0 and lived < MOUNTED_WITHIN:  # some mount first, and look at their source then
                self.tell_why(f"the client ended with {code}")
                return False
        elif (found := fingerprint()) != self.known:
            log("configuration or credentials changed: the client is started anew")
            self.known = found
            if self.ready() is not None:
                self.stop()
            else:
                log("the old mounts stay")
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.client.wait(LOOK)
        return True

    def start(self) -> bool:
        """Start the client; True once it has mounted."""
        self.known = fingerprint()
        client = self.ready()
        if client is None:
            return False
        unmount(self.target)
        Path(self.target).mkdir(parents=True, exist_ok=True)
        with Path(private_file("stderr", "")).open("w") as file:
            self.client = subprocess.Popen(client.command, stdout=file, stderr=file)
        deadline = time.monotonic() + MOUNTED_WITHIN
        while time.monotonic() < deadline and self.client.poll() is None:
            if is_mounted(self.target):
                self.mounted_at = time.monotonic()
                log("mounted")
                return True
            time.sleep(0.05)
        self.stop()
        self.tell_why(f"no mount within {MOUNTED_WITHIN:g} s")
        return False

    def ready(self) -> Client | None:
        """How to start the client, if its configuration can work and its sources answer."""
        try:
            client = self.build(read_config(), self.target)
        except PROBLEMS as error:
            self.tell(str(error) or type(error).__name__)
            return None
        for address, check in client.checks if self.proven != self.known else []:
            try:
                done = subprocess.run(check, capture_output=True, text=True, timeout=MOUNTED_WITHIN)
            except subprocess.TimeoutExpired:
                self.tell(f"{address} gave no answer within {MOUNTED_WITHIN:g} s")
                return None
            if done.returncode != 0:
                self.tell(
                    f"{address}: {last_line(done.stderr) or f'{check[0]} ended with {done.returncode}'}"
                )
                return None
        return client

    def stop(self) -> None:
        """End the client and its mount."""
        if self.client is not None:
            self.client.terminate()
            try:
                self.client.wait(3)
            except subprocess.TimeoutExpired:
                self.client.kill()
            self.client = None
        unmount(self.target)

    def tell_why(self, otherwise: str) -> None:
        """Tell the client's last line, with the source if there is only one."""
        mounts = read_config()["mounts"]
        about = f"{mounts[0]['mountPoint']}: " if len(mounts) == 1 else ""
        self.tell(about + (last_line((SCRATCH / "stderr").read_text()) or otherwise))

    def tell(self, problem: str) -> None:
        """Keep and print what is wrong."""
        self.said = problem
        log(problem)


def last_line(text: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:500] if lines else ""


def log(text: str) -> None:
    """One line to the container's log."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


def main() -> None:
    """Run until SIGTERM."""
    if len(sys.argv) != 2 or sys.argv[1] not in CLIENTS:
        sys.exit(f"usage: supervise.py {'|'.join(CLIENTS)}")
    supervisor = Supervisor(CLIENTS[sys.argv[1]], os.environ["FLUID_FUSE_MOUNTPOINT"])

    def end(*_: object) -> None:
        supervisor.stop()
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    supervisor.run()


if __name__ == "__main__":
    main()
