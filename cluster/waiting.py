"""Wait for servers to become ready, as long as they run."""

import json
import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from cluster.api import ApiServer
from cluster.processes import Processes

DEFAULT_ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/default"
"""Without it no pod can be made in the namespace `default`."""
_START_SECONDS = 120  # a machine may be busy; a healthy start takes a few seconds


class StartError(Exception):
    """A cluster did not come up; the message names the server and the end of its log."""


def wait(processes: Processes, directory: Path, what: str, ready: Callable[[], bool]) -> None:
    """Poll until `ready`, but no longer than all servers live: a server that ended says why in its log.

    Raises:
        StartError: a server ended, or it took too long.
    """
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            if ready():
                return
        except (OSError, HTTPException):
            pass  # not listening yet, or not answering yet
        for process in processes.recorded():
            if not process.alive():
                raise StartError(f"{process.name} ended: {tail(directory / f'{process.name}.log')}")
        if time.monotonic() > deadline:
            raise StartError(f"waited {_START_SECONDS} s for {what}; see the logs in {directory}")
        time.sleep(0.05)


def tail(log: Path) -> str:
    """The end of a log."""
    return log.read_text(errors="replace").strip()[-1500:] or "(it wrote no log)"


def healthy(url: str) -> bool:
    """Whether a page answers."""
    with urllib.request.urlopen(url, timeout=2) as response:
        return response.status == 200


def nodes_ready(api: ApiServer) -> bool:
    """Whether there is a node, and all of them are ready for pods."""
    nodes = json.loads(api.get("/api/v1/nodes"))["items"]
    return bool(nodes) and all(
        not node["spec"].get("taints")
        and any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", []))
        for node in nodes
    )
