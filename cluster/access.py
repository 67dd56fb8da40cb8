"""Access to a running cluster: a folder with a kubeconfig and a kubectl, and commands that use them."""

import fcntl
import json
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess, run

import yaml

from cluster.api import ApiServer
from cluster.audit import AuditEvent, read_audit
from cluster.credentials import Credentials, write_kubeconfig
from cluster.servers import Servers


class KubectlError(Exception):
    """A kubectl command failed."""


class Cluster(ABC):
    """A cluster that kubectl reaches."""

    @property
    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Environment for commands: KUBECONFIG, and kubectl on PATH."""

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl and return what it prints.

        Raises:
            KubectlError: it failed; the message is its own.
        """
        done = self.try_kubectl(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise KubectlError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def try_kubectl(self, *arguments: str, stdin: str | None = None) -> CompletedProcess[str]:
        """Run kubectl; the caller looks at `returncode`, `stdout` and `stderr`."""
        return self.run("kubectl", *arguments, stdin=stdin)

    def run(self, *command: str, stdin: str | None = None) -> CompletedProcess[str]:
        """Run any command with the environment; the caller looks at the result."""
        return run(command, input=stdin, env=self.environment, capture_output=True, text=True, check=False)


@dataclass
class Access(Cluster):
    """A running cluster as its administrator sees it, its files in `directory`."""

    directory: Path

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
        """Environment for an administrator's commands."""
        return {
            **os.environ,
            "KUBECONFIG": str(self.kubeconfig),
            "PATH": f"{self.bin}:{os.environ['PATH']}",
        }

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


def give_access(servers: Servers) -> ApiServer:
    """Write the kubeconfig and put kubectl into the folder of a cluster that is about to start."""
    directory, credentials = servers.directory, servers.credentials
    (directory / "bin").mkdir()
    (directory / "bin" / "kubectl").symlink_to(servers.programs.kubernetes / "kubectl")
    token = credentials.token_file("admin").read_text()
    write_kubeconfig(
        servers.kubeconfig,
        server=servers.url,
        authority=credentials.authority,
        user="admin",
        token=token,
        namespace="default",
    )
    return ApiServer(servers.url, credentials.authority, token)


@contextmanager
def locked(directory: Path) -> Generator[None]:
    """Hold the lock of a cluster's directory, so that two commands never start or stop it together."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def empty(directory: Path) -> None:
    """Remove what is in a directory, and keep the directory."""
    for path in directory.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
