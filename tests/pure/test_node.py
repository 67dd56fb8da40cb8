# pyright: basic
"""What is said on a machine where no node can run, and the relay that leads into one."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cluster import BuildError
from cluster.node import cgroups, machine, needs, packages
from tests.node.support import require_node


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A machine that has everything, as far as this process sees it."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine, "FUSE", tmp_path)
    monkeypatch.setattr(cgroups, "lacking", list)
    monkeypatch.setattr(packages, "find", lambda program: Path("/usr/bin") / program)
    monkeypatch.setattr(machine, "refused", list)
    return monkeypatch


def test_nothing_is_needed_where_everything_is(bare: pytest.MonkeyPatch) -> None:
    assert needs() == []


def test_each_missing_need_is_named(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare.setattr(os, "geteuid", lambda: 1000)
    bare.setattr(machine, "FUSE", tmp_path / "none")
    bare.setattr(cgroups, "lacking", lambda: ["cpuset", "memory"])
    bare.setattr(packages, "find", lambda program: None if program in {"runc", "nft"} else Path("/usr/bin"))
    assert needs() == [
        "root (run it as root)",
        f"{tmp_path}/none (load the kernel module fuse, or give the container that device)",
        "cgroup controllers cpuset, memory below /sys/fs/cgroup",
        "programs (apt-get install nftables runc)",
    ]


def test_programs_that_can_be_installed_are_no_need(bare: pytest.MonkeyPatch) -> None:
    bare.setattr(packages, "find", lambda program: None if program == "runc" else Path("/usr/bin"))
    assert packages.missing() == ["runc"]
    assert needs() == []


def test_installing_without_the_right_to_says_the_command(bare: pytest.MonkeyPatch) -> None:
    bare.setattr(os, "geteuid", lambda: 1000)
    bare.setattr(packages, "find", lambda program: None if program == "runc" else Path("/usr/bin"))
    with pytest.raises(BuildError, match=r"as root.*: apt-get install -y --no-install-recommends runc$"):
        packages.ensure()


def test_controllers_are_looked_for_in_both_versions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cgroups, "ROOT", tmp_path)
    for name in ("cpu", "memory", "pids"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cgroup.procs").touch()
    assert cgroups.lacking() == ["cpuset"]
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io memory\n")
    assert cgroups.lacking() == ["pids"]


@pytest.mark.parametrize(("ci", "outcome"), [("true", "fail"), ("", "skip")])
def test_the_ring_is_skipped_with_the_reason_but_fails_in_ci(
    bare: pytest.MonkeyPatch, ci: str, outcome: str
) -> None:
    bare.setattr(machine, "refused", lambda: ["namespaces (unshare was refused)"])
    bare.setenv("CI", ci)
    raised = pytest.fail.Exception if outcome == "fail" else pytest.skip.Exception
    with pytest.raises(raised, match=r"no node can run here: namespaces \(unshare was refused\)"):
        require_node()


def test_the_relay_hands_over_both_ways_and_both_ends() -> None:
    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read()).upper())  # all of it: the end of what is said comes through
        writer.close()

    async def ask(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x" * 3_000_000)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        return answer

    async def scenario() -> list[bytes]:
        async with await asyncio.start_server(shout, "127.0.0.1", 0) as server:
            with relayed(server.sockets[0].getsockname()[1]) as port:
                return await asyncio.gather(*(ask(port) for _ in range(5)))

    assert asyncio.run(scenario()) == [b"X" * 3_000_000] * 5


@contextmanager
def relayed(port: int) -> Generator[int]:
    """The port of a relay to another."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        descriptor = listener.fileno()
        command = [sys.executable, "-m", "cluster.node.relay", str(descriptor), str(port)]
        with subprocess.Popen(command, pass_fds=[descriptor]) as process:
            try:
                yield listener.getsockname()[1]
            finally:
                process.kill()
