"""A bare machine: a command in it is alone, and nothing that it started outlives it or its starter."""

import subprocess
import sys
from pathlib import Path

import pytest

from cluster import bare
from cluster.packages import find
from tests.node.support import until
from tests.node.traces import Machine

_RUN = (
    "import sys; from pathlib import Path; from cluster import bare; bare.run(Path(sys.argv[1]), sys.argv[2])"
)


@pytest.fixture
def tree(able: None, tmp_path: Path) -> Path:
    """The smallest machine that there is."""
    root = tmp_path / "tree"
    for name in ("bin", "dev", "proc", "sys", "tmp", "run", "root/checkout"):
        (root / name).mkdir(parents=True)
    busybox = find("busybox")
    assert busybox
    (root / "bin" / "busybox").write_bytes(busybox.read_bytes())
    (root / "bin" / "busybox").chmod(0o755)
    for applet in ("cut", "grep", "rmdir", "sh", "sleep", "touch", "umount"):
        (root / "bin" / applet).symlink_to("busybox")
    return root


def test_a_command_sees_the_tree_alone_and_its_exit_code_is_told(tree: Path) -> None:
    before = Machine.look()
    seeing = (
        "cut -d' ' -f5 /proc/self/mountinfo | grep -vE '^/(sys|dev|proc|tmp|run)(/|$)' > /seen; touch /tmp/x"
    )
    assert bare.run(tree, f"{seeing}; exit 7") == 7
    assert (tree / "seen").read_text() == "/\n"
    assert list((tree / "tmp").iterdir()) == []
    assert Machine.look().added_since(before) == []


def test_nothing_lives_on_when_the_command_ends_or_its_starter_is_killed(tree: Path) -> None:
    mark = f"{10**8 + int(tree.stat().st_ino)}"  # seconds that nobody else sleeps
    assert bare.run(tree, f"sleep {mark} & true") == 0
    assert sleeping(mark) == []
    with subprocess.Popen([sys.executable, "-c", _RUN, tree, f"sleep {mark} & sleep {mark}"]) as starter:
        until(lambda: len(sleeping(mark)) == 2, "both sleep")
        starter.kill()
    until(lambda: not sleeping(mark), "both are gone")


def sleeping(mark: str) -> list[str]:
    """The processes that do."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == f"sleep\0{mark}\0".encode():
                found.append(path.parent.name)
        except OSError:
            continue  # it has ended meanwhile
    return found
