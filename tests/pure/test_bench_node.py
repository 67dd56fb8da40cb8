"""What the measurements on a node conclude from what a pod wrote."""

from bench.figures import Figure
from bench.node.gaps import Gap, gaps


def test_a_gap_runs_from_the_first_failure_to_the_first_success() -> None:
    lines = [
        "1.0 1.1 1 ok",
        "2.0 2.1 1 errno 107",
        "2.2 2.3 2 errno 5",
        "3.0 3.5 1 ok",
        "9.0 9.1 1 errno 107",
    ]
    assert gaps(lines) == [Gap(2.0, 3.5, 2)]
    assert gaps([*lines, "9.9 10.0 3 ok"])[1:] == [Gap(9.0, 10.0, 3)]


def test_an_aim_may_be_the_least_as_well_as_the_most() -> None:
    assert Figure("g", "ratio", 0.97, aim=0.98, more=True).verdict == "MISSED"
    assert Figure("g", "ratio", 1.01, aim=0.98, more=True).verdict == "met"
    assert Figure("g", "gap", 11.0, aim=10).verdict == "MISSED"
