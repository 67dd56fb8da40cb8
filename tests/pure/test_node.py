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

from cluster import image, packages
from cluster.node import cgroups, machine, needs
from cluster.packages import PackageError
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


class Apt:
    """apt-get, whose packages show what is in them once they are installed; it notes the order of things."""

    def __init__(self, *there: str, lists: bool = True) -> None:
        self.there = set(there)
        self.lists = lists
        self.did: list[str] = []

    def find(self, program: str) -> Path | None:
        known = program in packages._PROGRAMS
        return None if known and packages._PROGRAMS[program] not in self.there else Path("/usr/bin")

    def run(self, command: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        self.did.append(command)
        if command == "update":
            self.lists = True
        elif not self.lists:
            words = "E: Unable to locate package runc\nE: Package 'fuse3' has no installation candidate"
            return subprocess.CompletedProcess([command], 100, "", words)
        self.there.update(arguments)
        return subprocess.CompletedProcess([command], 0, "", "")

    def probe(self) -> list[str]:
        self.did.append("probe")
        return []


@pytest.fixture
def fresh(bare: pytest.MonkeyPatch, tmp_path: Path) -> Apt:
    """A machine that has no package of ours yet, nor package lists."""
    apt = Apt(lists=False)
    bare.setattr(packages, "find", apt.find)
    bare.setattr(packages, "_apt", apt.run)
    bare.setattr(packages, "_LOCK", tmp_path / "lock")
    bare.setattr(machine, "refused", apt.probe)
    return apt


def test_packages_are_installed_before_anything_is_probed_with_what_is_in_them(fresh: Apt) -> None:
    assert set(packages.missing()) >= {"iproute2", "mmdebstrap", "fuse3"}
    assert needs() == []
    assert fresh.did == ["install", "update", "install", "probe"]
    assert packages.missing() == []


def test_nothing_is_installed_where_no_node_can_run_anyway(
    fresh: Apt, bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bare.setattr(machine, "FUSE", tmp_path / "none")
    assert [need.split()[0] for need in needs()] == [f"{tmp_path}/none"]
    assert fresh.did == []


def test_an_image_takes_its_packages_first(fresh: Apt, bare: pytest.MonkeyPatch) -> None:
    bare.setattr(image, "_run", lambda *command: fresh.did.append(command[0]))
    image.debian(Path("layer.tar"))
    assert fresh.did == ["install", "update", "install", "mmdebstrap"]


def test_a_failed_installation_is_the_need_in_the_words_of_apt(fresh: Apt, bare: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess(["apt-get"], 100, "", "W: old\nE: No route to the mirror\nE: failed")
    bare.setattr(packages, "_apt", lambda *arguments: failed)
    (need,) = needs()
    assert need.startswith("programs (`apt-get install -y --no-install-recommends bindfs ")
    assert need.endswith(" failed: E: No route to the mirror)")
    assert fresh.did == []


def test_installing_without_the_right_to_says_the_command(bare: pytest.MonkeyPatch) -> None:
    bare.setattr(os, "geteuid", lambda: 1000)
    bare.setattr(packages, "find", lambda program: None if program == "runc" else Path("/usr/bin"))
    with pytest.raises(PackageError, match=r"as root.*: apt-get install -y --no-install-recommends runc$"):
        packages.ensure()


def test_the_first_target_installs_what_the_venv_is_made_with() -> None:
    recipe = (Path(__file__).parents[2] / "Makefile").read_text().partition("$(STAMP):")[2]
    assert recipe.index("cluster/packages.py venv") < recipe.index("-m venv")


def test_the_installer_needs_nothing_but_the_standard_library() -> None:
    command = [sys.executable, "-I", "-S", "-c", f"import runpy; runpy.run_path({packages.__file__!r})"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("program", ["ip", "mount", "unshare"])
def test_a_program_that_the_probe_lacks_is_the_cause_and_not_the_kernel(
    monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    find = packages.find
    monkeypatch.setattr(packages, "find", lambda name: None if name == program else find(name))
    assert machine.refused() == [f"{program} (apt-get install {machine._PROBING[program]})"]


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
