"""`python -m cluster.node build|up|down|load [TAR]|kubectl …|exec …`: a real node in `.node`."""

import argparse
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cluster.cache import BuildError
from cluster.node import Node, attach, images, needs, start, storage
from cluster.node.build import build
from cluster.node.node import NodeError
from cluster.waiting import StartError


def main() -> int:
    """Run one command; errors are one clear message."""
    parser = argparse.ArgumentParser(prog="python -m cluster.node", description="A real node.")
    parser.add_argument("--directory", type=Path, default=Path(".node"), help="its files (default: .node)")
    parser.add_argument(
        "--max-restart-period", default="", metavar="1s", help="of crashed containers, if `up` starts a node"
    )
    parser.add_argument("command", choices=["build", "up", "down", "load", "kubectl", "exec"])
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of the command")
    chosen = parser.parse_args()
    directory: Path = chosen.directory.absolute()
    arguments: list[str] = chosen.arguments
    try:
        match chosen.command:
            case "build":
                return _build()
            case "up":
                return _up(directory, chosen.max_restart_period)
            case "down":
                return _down(directory)
            case "load":
                return _load(directory, [Path(name) for name in arguments] or [images.operator()])
            case "kubectl":
                return _within(directory, lambda node: [str(node.bin / "kubectl"), *arguments])
            case _:
                return _within(directory, lambda node: node.entering(arguments or ["sh"]))
    except (BuildError, StartError, NodeError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _build() -> int:
    if missing := needs():
        print(f"nothing built: no node can run here: {'; '.join(missing)}", file=sys.stderr)
        return int(os.environ.get("CI") == "true")  # like the tests: CI must not pass without them
    programs = build(storage.server())
    for archive in (*images.small(programs.pause), images.operator(), *storage.images(*storage.CLIENTS)):
        print(archive)
    return 0


def _up(directory: Path, restart_period: str) -> int:
    if running := attach(directory):
        print(f"the node runs already: {_export(running)}")
        return 0
    if missing := needs():
        raise StartError(f"no node can run here: {'; '.join(missing)}")
    images.small(build().pause)
    started = time.monotonic()
    node = start(directory, restart_period=restart_period)
    print(f"the node is up ({time.monotonic() - started:.1f} s): {_export(node)}")
    return 0


def _export(node: Node) -> str:
    return f"export KUBECONFIG={shlex.quote(str(node.kubeconfig))}"


def _down(directory: Path) -> int:
    if not directory.is_dir():
        print("no node runs here")
        return 0
    if not (directory / "pids.json").exists():
        print(
            f"error: {directory} is no node's folder; remove it by hand if it is of no use", file=sys.stderr
        )
        return 1
    names = Node(directory).stop()
    print("the node is gone" if names else "no node ran; removed what was left")
    return 0


def _load(directory: Path, archives: Sequence[Path]) -> int:
    node = _running(directory)
    for archive in archives:
        node.load(archive.absolute())
        print(f"loaded {archive}")
    return 0


def _within(directory: Path, command: Callable[[Node], Sequence[str]]) -> int:
    node = _running(directory)
    return subprocess.run(command(node), env=node.environment, check=False).returncode


def _running(directory: Path) -> Node:
    if not (node := attach(directory)):
        raise NodeError(f"no node runs in {directory}; start one with `make node`")
    return node


if __name__ == "__main__":
    sys.exit(main())
