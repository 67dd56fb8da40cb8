"""A running control plane: its files, commands, logs and end."""

import fcntl
import json
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess, run

import yaml

from cluster.answers import Answers, ExecCall, Fault
from cluster.api import ApiServer
from cluster.audit import AuditEvent, read_audit
from cluster.credentials import Credentials, write_kubeconfig
from cluster.processes import Processes


class KubectlError(Exception):
    """A kubectl command failed."""


@dataclass
class ControlPlane:
    """A running control plane, its files in `directory`."""

    directory: Path
    answers: Answers = field(init=False)
    """Rules for `jindocache` and `jindo` in the pods, and the log of what was executed."""

    def __post_init__(self) -> None:
        self.answers = Answers(self.directory / "answers")

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.directory / "kubeconfig"

    @property
    def bin(self) -> Path:
        """Folder with a kubectl of the cluster's version."""
        return self.directory / "bin"

    @property
    def environment(self) -> dict[str, str]:
        """Environment for an administrator's commands: KUBECONFIG, and kubectl first on PATH."""
        return {
            **os.environ,
            "KUBECONFIG": str(self.kubeconfig),
            "PATH": f"{self.bin}:{os.environ['PATH']}",
        }

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl as administrator and return what it prints.

        Raises:
            KubectlError: it failed; the message is its own.
        """
        done = self.try_kubectl(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise KubectlError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def try_kubectl(self, *arguments: str, stdin: str | None = None) -> CompletedProcess[str]:
        """Run kubectl as administrator; the caller looks at `returncode`, `stdout` and `stderr`."""
        command = [self.bin / "kubectl", *arguments]
        return run(command, input=stdin, env=self.environment, capture_output=True, text=True, check=False)

    def faults(self, *faults: Fault) -> None:
        """Replace all faults of executed commands; with no argument, there are none any more."""
        self.answers.faults(*faults)

    def exec_log(self, *, namespace: str | None = None) -> list[ExecCall]:
        """Return the commands that were executed in pods, oldest first."""
        return self.answers.log(namespace=namespace)

    def audit(self, since: datetime | None = None) -> list[AuditEvent]:
        """Return the requests that the API server received at or after `since`."""
        return list(read_audit(self.directory / "audit.log", since))

    def service_account_kubeconfig(self, namespace: str, name: str, path: Path) -> Path:
        """Write a kubeconfig with a token (24 hours) of a service account that exists; return its path."""
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 86400},
        }
        answer = self.api().create(f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", body)
        api = self.api()
        token: str = json.loads(answer)["status"]["token"]
        write_kubeconfig(
            path, server=api.url, authority=api.authority, user=name, token=token, namespace=namespace
        )
        return path

    def api(self) -> ApiServer:
        """Return the API server for plain requests as admin."""
        credentials = Credentials(self.directory / "pki")
        config = yaml.safe_load(self.kubeconfig.read_text())
        url: str = config["clusters"][0]["cluster"]["server"]
        return ApiServer(url, credentials.authority, credentials.token_file("admin").read_text())

    def stop(self) -> list[str]:
        """End the servers that were started here, and no others; remove the directory; return their names."""
        with locked(self.directory):
            names = Processes(self.directory / "operator").stop() + Processes(self.directory).stop()
            shutil.rmtree(self.directory)
        return names


def attach(directory: Path) -> ControlPlane | None:
    """Return the control plane that runs in a directory, None if there is none (or a part of it died)."""
    recorded = Processes(directory).recorded()
    running = (
        bool(recorded) and all(process.alive() for process in recorded) and (directory / "ready").exists()
    )
    return ControlPlane(directory) if running else None


@contextmanager
def locked(directory: Path) -> Generator[None]:
    """Hold the lock of a control plane's directory, so that two commands never start or stop it together."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
