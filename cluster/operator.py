"""The operator beside a control plane: a process of this checkout with a token of its own ServiceAccount."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from cluster.control_plane import ControlPlane
from cluster.processes import Process, Processes

NAMESPACE, ACCOUNT = "fluid-system", "fluid-operator"
USER = f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}"
"""The operator's name in the audit log."""
_FLUID = Path(sys.executable).parent / "fluid"
_START_SECONDS = 60


class OperatorError(Exception):
    """The operator did not do what was asked; the message has the end of its log."""


class Operator:
    """`fluid run` with the rights that `fluid manifests` prints, and no others.

    Its files are in the control plane's directory and are deleted with it (`make cluster-down`).

    Args:
        plane: a running control plane.
        options: further options of `fluid run`.
        tethered: it dies with the thread that starts it.
        program: its command; that of another release, for upgrades.
        name: of its folder; two that run side by side have two.
    """

    def __init__(
        self,
        plane: ControlPlane,
        *,
        options: Sequence[str] = (),
        tethered: bool = True,
        program: Path = _FLUID,
        name: str = "operator",
    ) -> None:
        self.options = tuple(options)
        self._plane = plane
        self._program = program
        self._folder = plane.directory / name
        self._folder.mkdir(exist_ok=True)
        self._processes = Processes(self._folder)
        self._tethered = tethered
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """The process, for those who measure it; 0 when there is none."""
        return self._process.pid if self._process else 0

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.alive()

    @property
    def log(self) -> Path:
        """What the latest process wrote; each start has a file of its own."""
        return self._folder / f"{self._process.name if self._process else 'operator'}.log"

    def install(self) -> None:
        """Apply CRDs and rights, and get a token of the ServiceAccount.

        Raises:
            OperatorError: there is nothing to apply.
        """
        self._apply("--force-conflicts", printed=self.manifests("--crds", "--rbac"))

    def deploy(self) -> None:
        """Apply everything that `make deploy` applies, in its way, and get a token of the ServiceAccount.

        Raises:
            OperatorError: there is nothing to apply.
            KubectlError: the API server refuses some of it.
        """
        self._apply(printed=self.manifests())

    def manifests(self, *parts: str) -> str:
        """What `fluid manifests` prints, all of it or some parts.

        Raises:
            OperatorError: it failed.
        """
        command = [self._program, "manifests", *parts, "--namespace", NAMESPACE]
        printed = subprocess.run(command, check=False, capture_output=True, text=True)
        if printed.returncode != 0:
            raise OperatorError(f"`fluid manifests` failed: {printed.stderr.strip()[-1000:]}")
        return printed.stdout

    def _apply(self, *options: str, printed: str) -> None:
        self._plane.kubectl("apply", "--server-side", *options, "-f", "-", stdin=printed)
        self._plane.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
        self._plane.service_account_kubeconfig(NAMESPACE, ACCOUNT, self._folder / "kubeconfig")

    def start(self, *options: str) -> None:
        """Start the process and wait until it is ready.

        Args:
            options: for this start only.

        Raises:
            OperatorError: it ended, or did not get ready in time.
        """
        self.launch(*options)
        deadline = time.monotonic() + _START_SECONDS
        while not self.ready():
            if not self.running:
                raise OperatorError(f"the operator ended:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise OperatorError(f"the operator was not ready in {_START_SECONDS} s:\n{self.tail()}")
            time.sleep(0.05)

    def launch(self, *options: str) -> None:
        """Start the process without waiting, for those who end it at any moment."""
        self._processes.stop()  # one that another command left here
        number = len(list(self._folder.glob("operator-*.log"))) + 1
        command = [self._program, "run", "--kubeconfig", self._folder / "kubeconfig"]
        addresses = ["--health-addr", "127.0.0.1:0", "--metrics-addr", "127.0.0.1:0"]
        self._process = self._processes.spawn(
            f"operator-{number}", [*command, *addresses, *self.options, *options], tethered=self._tethered
        )

    def stop(self, *, timeout: float = 40.0) -> None:
        """Ask it to stop (SIGTERM) and wait until it has.

        Raises:
            OperatorError: it was still there after `timeout` seconds, and was killed.
        """
        self._signal(signal.SIGTERM)
        if not self._gone_within(timeout):
            self.kill()
            raise OperatorError(f"the operator did not stop within {timeout} s:\n{self.tail()}")

    def kill(self) -> None:
        """Kill it (SIGKILL), without a chance to clean up."""
        self._signal(signal.SIGKILL)
        self._gone_within(10)

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    def ready(self) -> bool:
        """Whether /readyz says so."""
        if not (port := self.port("health")):
            return False
        with contextlib.suppress(OSError), urllib.request.urlopen(_url(port, "readyz"), timeout=5) as answer:
            return answer.status == 200
        return False

    def metrics(self) -> str:
        """The page /metrics."""
        with urllib.request.urlopen(_url(self.port("metrics"), "metrics"), timeout=10) as answer:
            return answer.read().decode()

    def port(self, server: str) -> int:
        """Where `health` or `metrics` is served; 0 when it is not yet."""
        found = (
            line for line in self.lines() if line.get("event") == "listening" and line["server"] == server
        )
        return next((int(str(line["port"])) for line in found), 0)

    def lines(self) -> Iterator[dict[str, object]]:
        """What the latest process logged, as far as it is structured."""
        for line in self.log.read_text(errors="replace").splitlines() if self.log.exists() else ():
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict):
                    yield entry

    def tail(self, count: int = 20) -> str:
        """The last lines of the log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-count:]) or "(it logged nothing)"

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    def _gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.running and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self.running


def _url(port: int, page: str) -> str:
    return f"http://127.0.0.1:{port}/{page}"
