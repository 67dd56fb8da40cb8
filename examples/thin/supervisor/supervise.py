"""Runs a FUSE client for Fluid: `supervise.py rclone` or `supervise.py s3fs`. Needs Python 3.11.

Reads /etc/fluid/config/config.json, starts the client, and keeps it: a client that dies is started again in
place, without the kubelet's back-off, and a changed configuration or credential starts it anew.

A client that does not come up ends the container, once for each problem: so its words get into the pod's
status, where Fluid takes them from. From then on it is tried in place, so that a corrected source is mounted
at once. A source that stops answering under a client that runs is told by the readiness probe, which prints
the file `problem`; so is a client that hangs, which is killed after FLUID_CLIENT_PATIENCE seconds (default
60; 0: never).
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import checks
import clients
import configuration
import process
import pulse
import trouble
import words

LOOK = 0.5
"""Seconds between two looks at the files."""
SLOWEST = 5.0
"""Seconds between two starts, or two looks at a source that does not answer, at most."""
HANGS = 10.0
"""Seconds without an answer after which a client is said to hang."""
PATIENCE = 60.0
"""Seconds after which it is killed. What was written and is not in the source yet may be lost with it."""


class Supervisor:
    """One client and its mount."""

    def __init__(self, build: clients.Build, target: str, patience: float = PATIENCE) -> None:
        self.build = build
        self.target = target
        self.patience = patience
        self.pulses = pulse.pulses(target)
        self.silent_since = 0.0
        self.client: process.Running | None = None
        self.trouble = trouble.Trouble()
        self.known = ""
        self.proven = ""
        self.outdated = False
        self.look_again_at = 0.0

    def run(self) -> None:
        """Until SIGTERM; ends with an error when there is a new problem to tell."""
        delay = 0.1
        while True:
            if running := self.client:
                well = self.look(running)
                if well and time.monotonic() - running.mounted_at > 1:
                    self.trouble.failures, delay = 0, 0.1
            else:
                well = self.start()
            if well:
                continue
            if self.trouble.is_news():
                self.trouble.end_container()
            self.pause(delay)
            delay = min(2 * delay, SLOWEST)

    def pause(self, seconds: float) -> None:
        """Wait, but not for longer than the configuration stays as it is."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.now() == self.known:
            time.sleep(min(LOOK, max(deadline - time.monotonic(), 0)))

    def look(self, running: process.Running) -> bool:
        """See whether the client lives and has what it should have; False if it gave up by itself."""
        code = running.process.poll()
        lived = time.monotonic() - running.mounted_at
        if lived > process.MOUNTED_WITHIN or (code is not None and code < 0):
            self.trouble.settle()
        if code is not None:
            return self.bury(running, code, lived)
        if self.is_silent(running):
            return True
        if (found := self.now()) != self.known:
            words.log("configuration or credentials changed: the client is started anew")
            self.known, self.outdated, self.look_again_at = found, True, 0.0
            running.doubted = True
        if running.doubted and time.monotonic() > self.look_again_at:
            self.ask_sources(running)
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.process.wait(LOOK)
        return True

    def is_silent(self, running: process.Running) -> bool:
        """Whether the client hangs, which is told; it is killed when that has been seen for too long.

        It is killed at once for a new configuration, which may be the cure.
        """
        silence = min([one.silence() for one in self.pulses])
        if silence < HANGS:
            if self.silent_since:
                self.silent_since = 0.0
                self.trouble.fine()
            return False
        self.silent_since = self.silent_since or time.monotonic()
        seen = time.monotonic() - self.silent_since
        self.trouble.tell("the client does not answer: whatever reads from its mount hangs")
        if not running.killed and (self.now() != self.known or 0 < self.patience < HANGS + seen):
            words.log("the client has not answered for too long, or is to have another configuration: killed")
            running.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(LOOK)
        return True

    def bury(self, ended: process.Running, code: int, lived: float) -> bool:
        """Have no client any more; False if it gave up before it was at work."""
        words.log(f"the client ended with {code}: it is started again")
        self.client = None
        self.forget()
        self.proven = self.known if code < 0 else ""  # killed: no reason to doubt its sources
        if code < 0 or lived >= process.MOUNTED_WITHIN:
            return True
        self.tell_why(
            ended, f"the client ended with {code}"
        )  # some mount first, and look at their source then
        return False

    def ask_sources(self, running: process.Running) -> None:
        """See whether the sources answer; start anew if so and the client has an older configuration."""
        running.doubted, self.proven = False, ""
        if self.ready() is None:
            running.doubted = True
        elif self.outdated:
            self.proven = self.known  # not asked again while nothing is mounted
            self.stop()
        else:
            self.trouble.fine()
        self.look_again_at = time.monotonic() + SLOWEST

    def start(self) -> bool:
        """Start the client; True once it has mounted."""
        self.known = self.now()
        client = self.ready()
        self.proven = ""
        if client is None:
            return False
        process.unmount(self.target)
        Path(self.target).mkdir(parents=True, exist_ok=True)
        self.client = running = process.Running(client.command)
        if running.mounts(self.target):
            words.log("mounted")
            self.outdated = False
            self.trouble.fine()
            return True
        self.stop()
        self.tell_why(running, f"no mount within {process.MOUNTED_WITHIN:g} s")
        return False

    def now(self) -> str:
        """Which configuration there is; none that can be read is one, too."""
        try:
            return configuration.fingerprint()
        except configuration.PROBLEMS as error:
            return str(error)

    def ready(self) -> clients.Client | None:
        """How to start the client, if its configuration can work and its sources answer."""
        try:
            client = self.build(configuration.read(), self.target)
            problem = "" if self.proven == self.known else checks.problem_of(client)
        except configuration.PROBLEMS as error:
            problem = str(error) or type(error).__name__
        else:
            if not problem:
                return client
        self.trouble.tell(problem)
        return None

    def forget(self) -> None:
        """Ask nothing of a mount that goes."""
        self.silent_since = 0.0
        for one in self.pulses:
            one.forget()

    def stop(self) -> None:
        """End the client and its mount."""
        self.forget()
        if self.client is not None:
            process.end(self.client.process)
            self.client = None
        process.unmount(self.target)

    def tell_why(self, ended: process.Running, otherwise: str) -> None:
        """Tell what the client said, with the source if there is only one."""
        mounts = configuration.read()["mounts"]
        about = f"{mounts[0]['mountPoint']}: " if len(mounts) == 1 else ""
        self.trouble.tell(about + (ended.last_words() or otherwise))


def main() -> None:
    """Run until SIGTERM."""
    if len(sys.argv) != 2 or sys.argv[1] not in clients.CLIENTS:
        sys.exit(f"usage: supervise.py {'|'.join(clients.CLIENTS)}")
    patience = os.environ.get("FLUID_CLIENT_PATIENCE", f"{PATIENCE:g}")
    if not patience.isdecimal():
        sys.exit(f"FLUID_CLIENT_PATIENCE is {patience!r}: give whole seconds, or 0 to never kill a client")
    target = os.environ["FLUID_FUSE_MOUNTPOINT"]
    supervisor = Supervisor(clients.CLIENTS[sys.argv[1]], target, float(patience))

    def leave(*_: object) -> None:
        supervisor.stop()
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    supervisor.run()


if __name__ == "__main__":
    main()
