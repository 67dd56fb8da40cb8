from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.models import Lease, LeaseSpec, ObjectMeta, PodStatus
from fluid.types import Duration
from tests import strategies

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(strategies.times(), zones)
def test_micro_times_have_six_digits_and_survive_a_round_trip(moment: datetime, zone: timezone) -> None:
    lease = Lease(metadata=ObjectMeta(name="x"), spec=LeaseSpec(renew_time=moment.astimezone(zone)))
    wire = lease.to_wire()
    spec = wire["spec"]
    assert isinstance(spec, dict)
    assert spec["renewTime"] == moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    read = Lease.model_validate(wire)
    assert read.spec is not None
    assert read.spec.renew_time == moment


@given(strategies.times())
def test_times_have_whole_seconds_in_utc(moment: datetime) -> None:
    wire = PodStatus(start_time=moment).to_wire()
    assert wire == {"startTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        LeaseSpec(renew_time=datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))


@given(st.integers(-(2**62), 2**62))
def test_durations_survive_a_round_trip(nanoseconds: int) -> None:
    duration = Duration(0)
    duration.nanoseconds = nanoseconds
    assert Duration(str(duration)) == duration


# What Go's time.Duration prints for each.
@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (63, "1m3s"),
        (60, "1m0s"),
        (3600, "1h0m0s"),
        (90061.5, "25h1m1.5s"),
        (0.3, "300ms"),
        (0.0000015, "1.5µs"),
        (0.000000001, "1ns"),
        (-2, "-2s"),
        (timedelta(minutes=1, milliseconds=1), "1m0.001s"),
    ],
)
def test_durations_print_as_go_does(seconds: float | timedelta, text: str) -> None:
    assert str(Duration(seconds)) == text


@pytest.mark.parametrize("text", ["", "1", "5 m", "1d", "m", "1m-5s", "1h\n"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="1m5s"):
        Duration(text)
