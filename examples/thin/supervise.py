"""Runs a FUSE client for Fluid: `supervise.py rclone` or `supervise.py s3fs`. Needs Python 3.11.

Reads /etc/fluid/config/config.json, starts the client, and keeps it: a client that dies is started again in
place, without the kubelet's back-off, and a changed configuration or credential starts it anew.

A client that does not come up ends the container, once for each problem: so its words get into the pod's
status, where Fluid takes them from. From then on it is tried in place, so that a corrected source is mounted
at once. A source that stops answering under a client that runs is told by the readiness probe, which prints
SCRATCH/problem. SCRATCH is a volume that outlives the container. Secrets are read from their files and handed
on in files of mode 600; they are never printed.
"""

import contextlib
import hashlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict

CONFIG = Path("/etc/fluid/config/config.json")
SECRETS = "/etc/fluid/secrets/"
SCRATCH = Path("/run/fluid-supervisor")
LOOK = 0.5
"""Seconds between two looks at the files."""
MOUNTED_WITHIN = 10.0
"""Seconds in which a client has to mount."""
ANSWERED_WITHIN = 20.0
"""Seconds in which a source has to fail: what goes on longer is a long listing, and as good as an answer."""
QUICK = 3.0
"""Seconds in which a server answers that has words to be shown."""
STEADY = 3
"""Failures of one kind after which a further problem is told: each costs the kubelet's back-off."""
SLOWEST = 5.0
"""Seconds between two starts, or two looks at a source that does not answer, at most."""
LOUDEST = 10
"""Lines of a client that are printed in a second, at most."""
LONGEST = 8000
"""Characters of a client's output that are looked through for the point of it."""
ERROR = re.compile(r"\bERROR\b|\[(ERR|CRT)\] (?!s3fs_logger)|[Ee]rror:")
"""Lines of clients that make a look at the sources worth its while."""
EXPLAIN = {"rclone": ["-vv", "--dump=responses"]}
"""What makes a client show the server's own words; too much to be read while all is well."""


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
    """A file that only we can read, there at once with all its text."""
    SCRATCH.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = SCRATCH / f".{name}"
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text)
    return str(new.replace(SCRATCH / name))


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


def rehearsal() -> str:
    """A place of our own, where a client that checks nothing before is tried."""
    return str(SCRATCH / "rehearsal")


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


class Answer(NamedTuple):
    """How a check ended: what its program wrote, what to say if that is nothing, seconds that it took."""

    good: bool
    output: str
    otherwise: str
    seconds: float


def answer(check: list[str]) -> Answer:
    """Run a check, for a bounded time."""
    place, said = rehearsal(), Path(private_file("check", ""))
    tried = place in check  # one that mounts there ends only when it fails
    if tried:
        unmount(place)
        Path(place).mkdir(parents=True, exist_ok=True)
    with said.open("w") as file:
        client = subprocess.Popen(check, stdout=file, stderr=file)
    begun, good, otherwise = time.monotonic(), False, ""
    deadline = begun + (MOUNTED_WITHIN if tried else ANSWERED_WITHIN)
    while not good and not otherwise:
        if (code := client.poll()) is not None:
            good, otherwise = code == 0 and not tried, f"{check[0]} ended with {code}"
        elif time.monotonic() > deadline:
            good, otherwise = not tried, f"no answer within {MOUNTED_WITHIN:g} s"
        else:
            good = tried and is_mounted(place) and serves(place, deadline - time.monotonic())
            time.sleep(0.3 if good else 0.05)  # one that gives up may have served a moment before
            good = good and client.poll() is None
    end(client)
    if tried:
        unmount(place)
    return Answer(good, said.read_text(errors="replace"), otherwise, time.monotonic() - begun)


def serves(place: str, seconds: float) -> bool:
    """Whether a source answers through its mount; asked by another process, as it may hang."""
    look = "import pathlib, sys; pathlib.Path(sys.argv[1], '.is-there-an-answer').exists()"
    ask = [sys.executable, "-S", "-c", look, place]
    try:
        return subprocess.run(ask, capture_output=True, timeout=max(seconds, 0.1)).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def end(client: "subprocess.Popen[bytes]") -> None:
    """End a process that may not want to."""
    client.terminate()
    try:
        client.wait(3)
    except subprocess.TimeoutExpired:
        client.kill()


class Supervisor:
    """One client and its mount."""

    def __init__(self, build: Build, target: str) -> None:
        self.build = build
        self.target = target
        self.client: subprocess.Popen[bytes] | None = None
        self.recent = ""
        self.heard = threading.Thread()
        self.known = ""
        self.proven = ""
        self.mounted_at = 0.0
        self.settled = False
        self.doubted = self.outdated = False
        self.look_again_at = 0.0
        self.said = ""
        self.failures = 0

    def run(self) -> None:
        """Until SIGTERM; ends with an error when there is a new problem to tell."""
        delay = 0.1
        while True:
            looked = self.client is not None
            if self.look() if looked else self.start():
                if looked and time.monotonic() - self.mounted_at > 1:
                    self.failures, delay = 0, 0.1
                continue
            if self.is_news():
                private_file("told", kind_of(self.said))
                sys.exit(self.said)
            self.pause(delay)
            delay = min(2 * delay, SLOWEST)

    def is_news(self) -> bool:
        """Whether the container is to end, so that the problem is seen in the pod's status."""
        told = SCRATCH / "told"
        before = told.read_text() if told.exists() else ""
        return kind_of(self.said) != before and self.failures >= (STEADY if before or self.settled else 1)

    def pause(self, seconds: float) -> None:
        """Wait, but not for longer than the configuration stays as it is."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.now() == self.known:
            time.sleep(min(LOOK, max(deadline - time.monotonic(), 0)))

    def look(self) -> bool:
        """See whether the client lives and has what it should have; False if it gave up by itself."""
        assert self.client is not None
        code = self.client.poll()
        lived = time.monotonic() - self.mounted_at
        if lived > MOUNTED_WITHIN or (code is not None and code < 0):
            self.settled = True
            (SCRATCH / "told").unlink(missing_ok=True)
        if code is not None:
            log(f"the client ended with {code}: it is started again")
            self.client = None
            self.proven = self.known if code < 0 else ""  # killed: no reason to doubt its sources
            if code >= 0 and lived < MOUNTED_WITHIN:  # some mount first, and look at their source then
                self.heard.join(1)
                self.tell_why(f"the client ended with {code}")
                return False
        elif (found := self.now()) != self.known:
            log("configuration or credentials changed: the client is started anew")
            self.known, self.doubted, self.outdated, self.look_again_at = found, True, True, 0.0
        if self.client is not None and self.doubted and time.monotonic() > self.look_again_at:
            self.ask_sources()
        elif self.client is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.client.wait(LOOK)
        return True

    def ask_sources(self) -> None:
        """See whether the sources answer; start anew if so and the client has an older configuration."""
        self.doubted, self.proven = False, ""
        if self.ready() is None:
            self.doubted = True
        elif self.outdated:
            self.stop()
        else:
            self.fine()
        self.look_again_at = time.monotonic() + SLOWEST

    def hear(self, output: int) -> None:
        """Print what the client writes, and doubt its source if that speaks of an error; until it ends."""
        self.recent, second, printed = "", 0, 0
        with contextlib.suppress(OSError), open(output, errors="replace") as lines:  # a terminal ends so
            for line in map(str.strip, lines):
                self.recent = f"{self.recent}\n{line}"[-LONGEST:]
                self.doubted = self.doubted or ERROR.search(line) is not None
                second, printed = int(time.monotonic()), printed + 1 if second == int(time.monotonic()) else 0
                if line and printed < LOUDEST:
                    log(self.without_secrets(server_error(line) or line[:500]))

    def start(self) -> bool:
        """Start the client; True once it has mounted."""
        self.known = self.now()
        client = self.ready()
        self.proven = ""
        if client is None:
            return False
        unmount(self.target)
        Path(self.target).mkdir(parents=True, exist_ok=True)
        self.doubted = False
        ours, theirs = pty.openpty()  # a program that writes to a terminal keeps no line back
        self.client = subprocess.Popen(client.command, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.heard = threading.Thread(target=self.hear, args=[ours], daemon=True)
        self.heard.start()
        deadline = time.monotonic() + MOUNTED_WITHIN
        while time.monotonic() < deadline and self.client.poll() is None:
            if is_mounted(self.target):
                self.mounted_at = time.monotonic()
                log("mounted")
                self.outdated = False
                self.fine()
                return True
            time.sleep(0.05)
        self.stop()
        self.heard.join(1)
        self.tell_why(f"no mount within {MOUNTED_WITHIN:g} s")
        return False

    def now(self) -> str:
        """Which configuration there is; none that can be read is one, too."""
        try:
            return fingerprint()
        except PROBLEMS as error:
            return str(error)

    def ready(self) -> Client | None:
        """How to start the client, if its configuration can work and its sources answer."""
        try:
            client = self.build(read_config(), self.target)
            for address, check in client.checks if self.proven != self.known else []:
                if not (found := answer(check)).good:
                    more = EXPLAIN.get(check[0]) if found.seconds < QUICK else None
                    said = server_error(answer([*check, *more]).output) if more else ""
                    self.tell(f"{address}: {said or point_of(found.output) or found.otherwise}")
                    return None
        except PROBLEMS as error:
            self.tell(str(error) or type(error).__name__)
            return None
        return client

    def stop(self) -> None:
        """End the client and its mount."""
        if self.client is not None:
            end(self.client)
            self.client = None
        unmount(self.target)

    def tell_why(self, otherwise: str) -> None:
        """Tell what the client said, with the source if there is only one."""
        mounts = read_config()["mounts"]
        about = f"{mounts[0]['mountPoint']}: " if len(mounts) == 1 else ""
        self.tell(about + (point_of(self.recent) or otherwise))

    def tell(self, problem: str) -> None:
        """Keep what is wrong for the probe, and print it if it is new."""
        problem = self.without_secrets(problem)
        same = kind_of(problem) == kind_of(self.said)
        self.failures = self.failures + 1 if same else 1
        if not same:
            log(problem)
        self.said = problem
        private_file("problem", problem + "\n")

    def fine(self) -> None:
        """Nothing is wrong any more."""
        if self.said:
            log("the sources answer")
        self.said, self.failures = "", 0
        (SCRATCH / "problem").unlink(missing_ok=True)

    def without_secrets(self, text: str) -> str:
        """A text in which no credential of the configuration stands."""
        for value in sorted(secrets(), key=len, reverse=True):
            text = text.replace(value, "***")
        return text


def secrets() -> set[str]:
    """The values of all credentials, as far as they can be read; very short ones are parts of any word."""
    found: set[str] = set()
    with contextlib.suppress(*PROBLEMS):
        for mount in read_config()["mounts"]:
            paths = [text for text in mount.get("options", {}).values() if text.startswith(SECRETS)]
            found |= {value_of(path) for path in paths}
    return {value for value in found if len(value) > 3}


def point_of(text: str) -> str:
    """What a client's output comes down to: the server's own error, else the last line without its time."""
    return server_error(text) or re.sub(r"^\d{4}[-/]\d\d[-/]\d\d[T ]\S+ +", "", last_line(text))


def server_error(text: str) -> str:
    """The error in an answer of an S3 server; empty if there is none."""
    code, message = (re.search(rf"<{tag}>([^<]+)</{tag}>", text) for tag in ("Code", "Message"))
    return f"{code[1]}{': ' + message[1][:200].rstrip('.') if message else ''}" if code else ""


def kind_of(problem: str) -> str:
    """A problem without its numbers, times and names of requests."""
    return " ".join(word for word in problem.split() if not any(one.isdigit() for one in word))


def last_line(text: str) -> str:
    """The last line that says something: s3fs says last that it ends."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and "exit_fuseloop" not in line]
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

    def leave(*_: object) -> None:
        supervisor.stop()
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    supervisor.run()


if __name__ == "__main__":
    main()
