"""`python -m cluster build|up|down|env`: the local control plane in `.cluster`."""

import argparse
import shlex
import sys
import time
from pathlib import Path

from cluster import BuildError, ControlPlane, StartError, attach, build, start
from cluster.build import csi_sanity


def main() -> int:
    """Run one command; errors are one clear message."""
    parser = argparse.ArgumentParser(prog="python -m cluster", description="A real local control plane.")
    parser.add_argument("command", choices=["build", "up", "down", "env"])
    parser.add_argument(
        "--directory", type=Path, default=Path(".cluster"), help="its files (default: .cluster)"
    )
    chosen = parser.parse_args()
    directory: Path = chosen.directory.absolute()
    commands = {"build": _build, "up": _up, "down": _down, "env": _env}
    try:
        return commands[chosen.command](directory)
    except (BuildError, StartError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _build(_directory: Path) -> int:
    specs = csi_sanity()  # first: it takes seconds, and the ring of tests that wants it starts nothing else
    programs = build()
    for path in (specs, programs.etcd, programs.kubernetes, programs.kwok, programs.answerer):
        print(path)
    return 0


def _up(directory: Path) -> int:
    if running := attach(directory):
        print(f"the cluster runs already: {_export(running)}")
        return 0
    build()
    started = time.monotonic()
    plane = start(directory)
    print(f"the cluster is up ({time.monotonic() - started:.1f} s): {_export(plane)}")
    return 0


def _export(plane: ControlPlane) -> str:
    return f"export KUBECONFIG={shlex.quote(str(plane.kubeconfig))}"


def _down(directory: Path) -> int:
    if not directory.is_dir():
        print("no cluster runs here")
        return 0
    names = ControlPlane(directory).stop()
    print(f"ended {', '.join(names)}" if names else "no server ran; removed what was left")
    return 0


def _env(directory: Path) -> int:
    plane = attach(directory)
    if not plane:
        print(f"error: no cluster runs in {directory}; start one with `make cluster`", file=sys.stderr)
        return 1
    print(_export(plane))
    print(f'export PATH={shlex.quote(str(plane.bin))}:"$PATH"')
    return 0


if __name__ == "__main__":
    sys.exit(main())
