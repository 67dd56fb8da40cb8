"""Whether sources answer, asked by the client's own program before it mounts."""

import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import configuration
import process
import words
from clients import Client

ANSWERED_WITHIN = 20.0
"""Seconds in which a source has to fail: what goes on longer is a long listing, and as good as an answer."""
QUICK = 3.0
"""Seconds in which a server answers that has words to be shown."""
EXPLAIN = {"rclone": ["-vv", "--dump=responses"]}
"""What makes a client show the server's own words; too much to be read while all is well."""


class Answer(NamedTuple):
    """How a check ended: what its program wrote, what to say if that is nothing, seconds that it took."""

    good: bool
    output: str
    otherwise: str
    seconds: float


def problem_of(client: Client) -> str:
    """The first source that does not answer, and what was said; empty if all do."""
    for address, check in client.checks:
        if not (found := answer(check)).good:
            more = EXPLAIN.get(check[0]) if found.seconds < QUICK else None
            said = words.server_error(answer([*check, *more]).output) if more else ""
            return f"{address}: {said or words.point_of(found.output) or found.otherwise}"
    return ""


def answer(check: list[str]) -> Answer:
    """Run a check, for a bounded time."""
    place, said = configuration.rehearsal(), Path(configuration.private_file("check", ""))
    tried = place in check  # one that mounts there ends only when it fails
    if tried:
        process.unmount(place)
        Path(place).mkdir(parents=True, exist_ok=True)
    with said.open("w") as file:
        client = subprocess.Popen(check, stdout=file, stderr=file)
    begun, good, otherwise = time.monotonic(), False, ""
    deadline = begun + (process.MOUNTED_WITHIN if tried else ANSWERED_WITHIN)
    while not good and not otherwise:
        if (code := client.poll()) is not None:
            good, otherwise = code == 0 and not tried, f"{check[0]} ended with {code}"
        elif time.monotonic() > deadline:
            good, otherwise = not tried, f"no answer within {process.MOUNTED_WITHIN:g} s"
        else:
            good = tried and process.is_mounted(place) and _serves(place, deadline - time.monotonic())
            time.sleep(0.3 if good else 0.05)  # one that gives up may have served a moment before
            good = good and client.poll() is None
    process.end(client)
    if tried:
        process.unmount(place)
    return Answer(good, said.read_text(errors="replace"), otherwise, time.monotonic() - begun)


def _serves(place: str, seconds: float) -> bool:
    """Whether a source answers through its mount; asked by another process, as it may hang."""
    look = "import pathlib, sys; pathlib.Path(sys.argv[1], '.is-there-an-answer').exists()"
    ask = [sys.executable, "-S", "-c", look, place]
    asked = subprocess.Popen(ask, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return asked.wait(max(seconds, 0.1)) == 0
    except subprocess.TimeoutExpired:
        asked.kill()  # and not waited for: it ends when the mount goes
        return False
