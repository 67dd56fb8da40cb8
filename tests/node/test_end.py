"""Nothing is left of a node, however it ends; two do not know of each other."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cluster import StartError
from cluster.node import Node, attach, cgroups, launch, start
from cluster.node.build import build
from cluster.node.datapath import ready
from cluster.processes import Processes
from tests.node.support import apply, inside, run_pod, until
from tests.node.traces import Machine, processes_in, spaces

_TETHERED = """
import sys, time
from pathlib import Path
from cluster.node import start
start(Path(sys.argv[1]), tethered=True)
print("started", flush=True)
time.sleep(600)
"""


def test_two_run_side_by_side_and_nothing_is_left_of_one(node: Node, namespace: str, tmp_path: Path) -> None:
    run_pod(node, namespace)
    before = Machine.look()
    began = time.monotonic()
    second = start(tmp_path / "second", tethered=True)
    try:
        run_pod(second, "default")
        took = time.monotonic() - began
        apply(second, "default", "readers.yaml")
        apply(second, "default", "fuse.yaml")
        ready(second, "default", "reader")
        second.kubectl("rollout", "status", "daemonset/fuse", "--timeout=60s")
        inhabited = spaces(second)
        assert len(processes_in(inhabited)) > 10
    finally:
        second.stop()  # with a FUSE mount and its reader at work
    assert processes_in(inhabited) == []
    assert Machine.look().added_since(before) == []
    assert not second.directory.exists()
    assert inside(node, namespace, "one", "hostname") == "one"
    assert took < 15, f"from nothing to the first ready pod: {took:.1f} s"


def test_a_running_node_is_nowhere_on_the_machine(node: Node, namespace: str) -> None:
    apply(node, namespace, "fuse.yaml")
    node.kubectl("-n", namespace, "rollout", "status", "daemonset/fuse", "--timeout=60s")
    now = Machine.look()
    assert [mount for mount in now.mounts if mount.startswith(str(node.directory))] == []
    assert "node0" not in now.interfaces
    inner = node.exec("stat", "--format=%i", "/runtime-mnt", "/etc/hosts").stdout.split()
    outer = [str(Path(path).stat().st_ino) for path in ("/runtime-mnt", "/etc/hosts") if Path(path).exists()]
    assert not set(inner) & set(outer)


def test_of_a_killed_test_run_nothing_lives_and_the_next_start_clears_its_cgroups(
    able: None, tmp_path: Path
) -> None:
    before = Machine.look()
    command = [sys.executable, "-c", _TETHERED, str(tmp_path / "node")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "started\n"
        found = attach(tmp_path / "node")
        assert found
        inhabited = spaces(found)
        parent.kill()
    until(lambda: not processes_in(inhabited), "all of it has ended")
    assert attach(tmp_path / "node") is None
    cgroups.sweep()
    assert Machine.look().added_since(before) == []


def test_a_start_that_fails_says_why_and_leaves_its_logs_alone(
    able: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = replace(build(), coredns=tmp_path / "nowhere")
    monkeypatch.setattr(launch, "build", lambda: broken)
    before = Machine.look()
    with pytest.raises(StartError, match="nowhere/coredns"):
        start(tmp_path / "node", tethered=True)
    assert Machine.look().added_since(before) == []
    assert Processes(tmp_path / "node").recorded() == []
    assert (tmp_path / "node" / "log" / "kube-apiserver.log").exists()
