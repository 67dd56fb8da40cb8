"""An earlier release is installed from the history of the checkout, or it is said why not."""

from pathlib import Path

import pytest

from cluster import release
from cluster.release import NoHistoryError
from tests.plane import takeover


def test_a_commit_that_is_not_there_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(NoHistoryError, match=r"commit 000000000000 is not in the history .*--unshallow"):
        release.release("0" * 40)


def test_a_release_that_was_installed_before_hides_no_missing_history(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def cached(name: str, make: object) -> Path:
        raise AssertionError(f"{name} is not looked for without the history")

    monkeypatch.setattr(release, "artifact", cached)
    monkeypatch.setattr(release, "_CHECKOUT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(NoHistoryError, match="not a git repository"):
        release.release(takeover.PINNED)


def test_a_machine_without_git_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoHistoryError, match="No such file or directory: 'git'"):
        release.release(takeover.PINNED)


@pytest.mark.parametrize(("ci", "outcome"), [("true", "fail"), ("", "skip")])
def test_the_tests_of_upgrades_are_skipped_with_the_reason_but_fail_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str
) -> None:
    def missing(commit: str) -> Path:
        raise NoHistoryError(f"commit {commit} is not there")

    monkeypatch.setattr(takeover, "release", missing)
    monkeypatch.setenv("CI", ci)
    raised = pytest.fail.Exception if outcome == "fail" else pytest.skip.Exception
    with pytest.raises(raised, match=f"no release to upgrade from: commit {takeover.PINNED} is not there"):
        takeover.pinned()
