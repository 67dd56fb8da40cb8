"""The supervisor of the node plugin."""

import subprocess
import sys
from pathlib import Path

LIVES = """
import ctypes, os, signal, sys, time
from pathlib import Path
from fluid.csi.supervisor import supervise

note = Path(sys.argv[1])
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: orphans come to it, as to the first process
supervise()
if not note.exists():
    orphan = os.fork()
    if orphan == 0:
        signal.pause()
    note.write_text(str(orphan))
    os.kill(os.getpid(), signal.SIGKILL)
orphan, deadline = Path("/proc", note.read_text()), time.monotonic() + 5
os.kill(int(orphan.name), signal.SIGKILL)
while orphan.exists() and time.monotonic() < deadline:
    time.sleep(0.01)
sys.exit(3 if orphan.exists() else 7)
"""


def test_what_a_killed_plugin_leaves_does_not_stay_and_the_exit_code_is_the_plugins(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LIVES, str(tmp_path / "note")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 7, "3: the orphan is a zombie"
    assert "killed by signal 9; it is started again" in done.stderr


FORKS = """
import os, sys, threading

def fork():
    print(threading.active_count(), len(os.listdir("/proc/self/task")))
    print(*sorted({"fluid.csi.process", "grpc", "lightkube"} & sys.modules.keys()))
    sys.stdout.flush()
    os._exit(0)

os.fork = fork
from fluid.cli import main
main(["csi", "--keep", "--node-name=node-1"])
"""


def test_it_forks_with_all_that_the_plugin_imports_and_without_a_thread() -> None:
    """A lock that another thread holds at the fork would be held in the child for ever."""
    command = [sys.executable, "-c", FORKS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    threads, imported = done.stdout.splitlines()
    assert threads == "1 1", "threads of Python, and of all libraries"
    assert imported == "fluid.csi.process grpc lightkube"
