# pyright: basic, reportAttributeAccessIssue=false
"""The program that DataLoads on ThinRuntimes run, on real folders; as a process where its exit counts."""

import errno
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

PROGRAM = Path(__file__).parents[3] / "charts" / "fluid-dataloader" / "thin" / "files" / "warm_up.py"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


PYTHON = (sys.executable, "-B", "-c")
AS_SOMEBODY = """
import locale, os, runpy, shutil, sys  # what it needs later cannot be found by somebody
program, root = sys.argv[1:]
sys.argv = [program, "--root", root]
main = runpy.run_path(program)["main"]
os.setuid(65532)
sys.exit(main())
"""


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("warm_up", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _quickly(program: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "PAUSE", 0.0)


def run(root: Path, *arguments: str) -> tuple[int, dict[str, str]]:
    """The exit code and the last line."""
    command = [sys.executable, "-B", str(PROGRAM), "--root", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def warmed(program: ModuleType, root: Path, *paths: str, metadata_only: bool = False):
    """The state after a run in this process."""
    found = program.places(str(root), list(paths) or ["/"])
    warm_up = program.WarmUp(str(root), found, 3, metadata_only=metadata_only)
    warm_up.start()
    assert warm_up.over.wait(30)
    return warm_up


def write(root: Path, **files: int) -> None:
    for name, size in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)


def test_every_file_below_the_paths_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, a__one=3_000_000, a__b__two=1, a__b__empty=0, c__other=9)
    assert run(tmp_path, "--", "/a", "a/b", "/a/b/two/", "/c/other") == (
        0,
        {
            "FilesDone": "4",
            "FilesTotal": "4",
            "BytesDone": "3000010",
            "BytesTotal": "3000010",
            "Progress": "100.0%",
        },
    )


def test_without_paths_everything_is_read_and_an_empty_dataset_is_done(tmp_path: Path) -> None:
    code, infos = run(tmp_path)
    assert (code, infos["FilesTotal"], infos["Progress"]) == (0, "0", "100.0%")
    write(tmp_path, one=1, deep__two=1)
    assert run(tmp_path)[1]["FilesDone"] == "2"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/nowhere", "'/nowhere' is not in the Dataset"),
        ("../../etc/passwd", "'../../etc/passwd' is not in the Dataset"),
        ("/file/below", "'/file/below' is not in the Dataset"),
        ("/out", "'/out' leads out of the Dataset"),
        ("/loop", "'/loop' is not in the Dataset"),
        ("/pipe", "'/pipe' is neither a file nor a folder"),
        ("/a\nb", r"'/a\nb' is not in the Dataset"),
    ],
)
def test_a_path_that_cannot_be_loaded_ends_the_run_by_its_name(
    tmp_path: Path, path: str, problem: str
) -> None:
    root = tmp_path / "root"
    write(root, file=1)
    (root / "out").symlink_to(tmp_path)
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "pipe")
    code, infos = run(root, "--", "/file", path)
    assert (code, infos) == (2, {"Failure": f"path {problem}"})


def test_links_and_special_files_below_a_path_are_left_out(program: ModuleType, tmp_path: Path) -> None:
    write(tmp_path, folder__file=5)
    (tmp_path / "folder" / "up").symlink_to("..")
    (tmp_path / "folder" / "again").symlink_to("file")
    (tmp_path / "folder" / "dangling").symlink_to("nothing")
    os.mkfifo(tmp_path / "folder" / "pipe")
    tally = warmed(program, tmp_path).tally
    assert (tally.files_done, tally.files, tally.failures) == (1, 1, 0)


class Listing:
    """A folder's entries, which tells how many were taken, and breaks off where it is told to."""

    taken = 0

    def __init__(self, entries: list[os.DirEntry[str]], broken_after: int | None = None) -> None:
        self.entries, self.left = iter(entries), broken_after

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self):
        return self

    def __next__(self) -> os.DirEntry[str]:
        if self.left == 0:
            raise OSError(errno.ENOTCONN, "not connected")
        self.left = None if self.left is None else self.left - 1
        entry = next(self.entries)
        Listing.taken += 1
        return entry


def listings(monkeypatch: pytest.MonkeyPatch, root: Path, *broken_after: int | None) -> None:
    """Lets each listing of a folder break off after so many entries."""
    with os.scandir(root) as found:
        entries = list(found)
    ends = iter(broken_after)
    monkeypatch.setattr(os, "scandir", lambda _: Listing(entries, next(ends)))


def test_few_entries_of_a_folder_are_in_memory_however_many_it_has(
    program: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, **{f"file{number}": 1 for number in range(20)})
    listings(monkeypatch, tmp_path, None)
    monkeypatch.setattr(program, "AT_ONCE", 3)
    monkeypatch.setattr(Listing, "taken", 0)
    found = program.files(str(tmp_path), lambda path, error: pytest.fail(f"{path}: {error}"))
    for number, _ in enumerate(found, 1):
        assert number <= Listing.taken <= number + 3
    assert Listing.taken == 20


@pytest.mark.parametrize(("at_once", "twice"), [(100, 0), (2, 4)])
def test_a_listing_that_breaks_off_begins_anew_and_leaves_nothing_out(
    program: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, twice: int
) -> None:
    write(tmp_path, **{f"file{number}": 1 for number in range(9)})
    listings(monkeypatch, tmp_path, 5, None)
    monkeypatch.setattr(program, "AT_ONCE", at_once)
    found = [one.path for one in program.files(str(tmp_path), lambda *_: pytest.fail("told"))]
    assert (len(set(found)), len(found)) == (9, 9 + twice)


def test_a_link_as_the_path_leads_to_what_is_meant(program: ModuleType, tmp_path: Path) -> None:
    write(tmp_path, v3__weights=7)
    (tmp_path / "latest").symlink_to("v3")
    assert warmed(program, tmp_path, "/latest", "/v3").tally.bytes_done == 7


@pytest.mark.skipif(os.geteuid() != 0, reason="another user reads")
def test_a_file_that_cannot_be_read_fails_the_run_after_all_others() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        write(root, open=2, secret=3, hidden__file=1)
        (root / "secret").chmod(0o600)
        (root / "hidden").chmod(0o700)
        done = subprocess.run([*PYTHON, AS_SOMEBODY, str(PROGRAM), folder], capture_output=True, text=True)
    assert done.stdout, done.stderr
    infos = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1
    assert (infos["FilesDone"], infos["FilesTotal"], infos["Progress"]) == ("1", "2", "40.0%")
    assert "cannot be read: Permission denied (and 1 more)" in infos["Failure"]


def test_what_vanishes_while_it_runs_is_no_failure(program: ModuleType, tmp_path: Path) -> None:
    write(tmp_path, stays=2, goes=3, folder__x=1)
    listed = program._entries

    def listing(folder: str):
        found = listed(folder)
        if folder == str(tmp_path):
            (tmp_path / "goes").unlink()
            (tmp_path / "folder" / "x").unlink()
            (tmp_path / "folder").rmdir()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "_entries", listing)
        warm_up = warmed(program, tmp_path)
    assert warm_up.failure() == ""
    assert (warm_up.tally.files_done, warm_up.tally.files) == (1, 1)
    assert (warm_up.tally.bytes_done, warm_up.tally.bytes) == (2, 2)


def test_a_file_that_grew_counts_as_large_as_it_was_read(program: ModuleType, tmp_path: Path) -> None:
    write(tmp_path, log=10)
    warm_up = program.WarmUp(str(tmp_path), [], 1, metadata_only=False)
    warm_up.tally.add(files=1, size=4)  # as it was found
    warm_up._files.put(program.File(str(tmp_path / "log"), 4))
    warm_up.start()
    assert warm_up.over.wait(30)
    assert (warm_up.tally.bytes_done, warm_up.tally.bytes) == (10, 10)


@pytest.mark.parametrize("number", [errno.ENOTCONN, errno.EIO])
def test_an_error_of_a_client_that_is_replaced_passes(
    program: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    write(tmp_path, one=2_000_000)
    troubles = [OSError(number, "no"), OSError(number, "no")]

    class Flaky(program.WarmUp):
        def _read(self, path, buffer):
            read = super()._read(path, buffer)
            if troubles:
                self.tally.add(bytes_done=-read)
                raise troubles.pop()
            return read

    warm_up = Flaky(str(tmp_path), program.places(str(tmp_path), ["/"]), 2, metadata_only=False)
    warm_up.start()
    assert warm_up.over.wait(30)
    assert (warm_up.failure(), warm_up.tally.bytes_done, warm_up.tally.bytes) == ("", 2_000_000, 2_000_000)


def test_an_attempt_that_breaks_off_takes_back_what_it_counted(program: ModuleType, tmp_path: Path) -> None:
    write(tmp_path, one=2_000_000)
    warm_up = program.WarmUp(str(tmp_path), [], 1, metadata_only=False)

    with pytest.MonkeyPatch.context() as patch:
        real = open

        def opened(path, *arguments, **options):
            stream = real(path, *arguments, **options)
            reads = iter([stream.readinto])

            class Breaking:
                def __enter__(self):
                    return self

                def __exit__(self, *_):
                    stream.close()

                def readinto(self, buffer):
                    try:
                        return next(reads)(buffer)
                    except StopIteration:
                        raise OSError(errno.EIO, "Input/output error") from None

            return Breaking()

        patch.setattr(program, "open", opened, raising=False)
        with pytest.raises(OSError, match="Input"):
            warm_up._read(str(tmp_path / "one"), memoryview(bytearray(1 << 20)))
    assert warm_up.tally.bytes_done == 0


def test_metadata_only_reads_nothing(program: ModuleType, tmp_path: Path) -> None:
    write(tmp_path, one=5, two=6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program.WarmUp, "_read", None)
        tally = warmed(program, tmp_path, metadata_only=True).tally
    assert (tally.files_done, tally.bytes_done) == (2, 0)
    assert tally.infos(1, NOW)["Progress"] == "100.0%"


def test_a_pod_that_is_to_end_ends_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    code = (
        f"import sys; sys.path.insert(0, {str(PROGRAM.parent)!r}); sys.dont_write_bytecode = True\n"
        "import warm_up\n"
        "warm_up.files = lambda place, failed: iter([warm_up.File(place + '/pipe', 1)])\n"
        f"sys.argv = ['warm_up', '--root', {str(tmp_path)!r}]\n"
        "warm_up.EVERY = 0.01\n"
        "sys.exit(warm_up.main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["FilesDone"] == "0"
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143
        assert time.monotonic() - started < 5


def test_a_read_that_hangs_is_given_up_with_its_file(
    program: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr(program, "files", lambda place, failed: iter([program.File(str(pipe), 1)]))
    monkeypatch.setattr(program, "EVERY", 0.01)
    monkeypatch.setattr(program, "STALLED", 0.05)
    warm_up = program.WarmUp(str(tmp_path), [str(tmp_path)], 1, metadata_only=False)
    reporter = program.Reporter(warm_up)
    warm_up.start()
    assert reporter.watch() == "nothing was read for 0 s, last of '/pipe'"
    pipe.write_bytes(b"x")  # lets the thread go
    assert warm_up.over.wait(30)


def test_the_last_line_is_the_termination_message_too(
    program: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "TERMINATION_LOG", str(tmp_path / "log"))
    program.end('{"Progress": "100.0%"}')
    assert (tmp_path / "log").read_text() == capsys.readouterr().out.strip()


sizes = st.integers(0, 10**12)


@given(files=st.lists(st.tuples(sizes, sizes, st.sampled_from(["read", "gone", "broken", "left"]))))
def test_shares_and_ends_stay_within_reason_whatever_is_counted(program, files) -> None:
    tally, over = program.Tally(), True
    for size, read, fate in files:
        tally.add(files=1, size=size)
        if fate == "read":
            tally.add(bytes_done=read)
            tally.add(files_done=1, size=read - size)
        elif fate == "gone":
            tally.add(files=-1, size=-size)
        elif fate == "broken":
            tally.add(failure="it broke")
        over &= fate in ("read", "gone")
        left = tally.seconds_left(10.0)
        assert 0.0 <= tally.share() <= 1.0
        assert left is None or left > 0
    tally.walked = True
    if over:
        assert tally.share() == 1.0
        assert tally.seconds_left(10.0) is None
        assert (tally.bytes_done, tally.files_done) == (tally.bytes, tally.files)
    assert "EstimatedEnd" not in tally.infos(10.0, NOW) or not over


@given(done=st.integers(1, 10**6), total=st.integers(1, 10**6), seconds=st.floats(0.1, 1e5))
def test_the_estimate_is_the_rate_until_now(program, done: int, total: int, seconds: float) -> None:
    tally = program.Tally()
    tally.add(size=done + total, bytes_done=done)
    left = tally.seconds_left(seconds)
    assert left == pytest.approx(seconds * total / done)
