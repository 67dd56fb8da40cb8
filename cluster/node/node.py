"""A running node: its commands, images and end."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess, run

from cluster.access import Access, locked
from cluster.node import cgroups
from cluster.node.servers import NodeServers
from cluster.node.settings import Settings
from cluster.processes import Processes


class NodeError(Exception):
    """A node did not do what was asked; the message says why."""


@dataclass
class Node(Access):
    """A running node, its files in `directory`. `kubeconfig` works outside and inside of it."""

    @property
    def settings(self) -> Settings:
        """What it was started with."""
        return Settings.load(self.directory)

    @property
    def pid(self) -> int:
        """Its first process, as the machine numbers it."""
        return next(one.pid for one in Processes(self.directory).recorded() if one.name == "first")

    def entering(self, command: Sequence[str]) -> list[str]:
        """A command line that runs another inside the node, as root of it."""
        into = ["--mount", "--net", "--pid", "--uts", "--ipc", f"--wdns={Path.cwd()}"]
        return ["nsenter", f"--target={self.pid}", *into, "--", *command]

    def exec(self, *command: str) -> CompletedProcess[str]:
        """Run a command inside the node; the caller looks at `returncode`, `stdout` and `stderr`."""
        environment = {**os.environ, "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        return run(self.entering(command), env=environment, capture_output=True, text=True, check=False)

    def load(self, archive: Path) -> None:
        """Give an image to the node.

        Raises:
            NodeError: the container runtime refused it.
        """
        done = self.exec(*NodeServers.of(self.settings).load_image(archive))
        if done.returncode != 0:
            raise NodeError(f"the image {archive} cannot be loaded: {done.stderr.strip()[-500:]}")

    def stop(self) -> list[str]:
        """End all that runs in it, remove its cgroups and its directory; return what was running."""
        with locked(self.directory):
            names = end(self.directory)
            shutil.rmtree(self.directory)
        return names


def end(directory: Path) -> list[str]:
    """End what runs in a directory, also when its start was never finished; the caller holds its lock."""
    names = Processes(directory).stop()
    if (directory / "settings.json").exists():
        cgroups.remove(Settings.load(directory).cgroup)
    return names
