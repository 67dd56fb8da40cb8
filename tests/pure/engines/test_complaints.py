"""What a pod says itself: its last line, short, and without what looks secret."""

import pytest
from pydantic import JsonValue

from fluid.engines.core.pod_diagnostics import is_stuck, last_words, one_line, stuck_pod
from fluid.models import Pod


def crashed(message: str, code: int = 1) -> Pod:
    ended: JsonValue = {"terminated": {"exitCode": code, "message": message}}
    container: JsonValue = {
        "name": "thin-fuse",
        "image": "",
        "imageID": "",
        "ready": False,
        "restartCount": 1,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}},
        "lastState": ended,
    }
    return Pod.model_validate({"metadata": {"name": "p"}, "status": {"containerStatuses": [container]}})


def test_the_last_line_of_a_container_that_failed_counts() -> None:
    assert last_words(crashed("starting\n  no such bucket: one \n\n")) == "no such bucket: one"
    assert last_words(crashed("bye", code=0)) == ""
    assert last_words(Pod.model_validate({"metadata": {"name": "p"}})) == ""


def test_a_stuck_pod_is_told_with_its_last_words() -> None:
    pod = crashed("no such bucket")
    assert is_stuck(pod)
    assert stuck_pod(pod) == "pod p waits with CrashLoopBackOff; it said: no such bucket"


@pytest.mark.parametrize(
    "text",
    [
        "login failed with secret_access_key=sesame in region eu",
        'config {"password": "sesame", "user": "me"}',
        "AccessKeySecret: sesame, retry",
        "token 'x' refused: API-Key = sesame",
        "dial https://me:sesame@host/path failed",
    ],
)
def test_what_looks_secret_is_blotted_out(text: str) -> None:
    assert "sesame" not in one_line(text)
    assert "***" in one_line(text)


def test_a_line_is_short_and_printable() -> None:
    assert one_line("a\x1b[31m\tb" + "x" * 5000).startswith("a [31m b")
    assert len(one_line("x" * 5000)) == 300
    assert (
        one_line("bucket images not found at http://s3:7070") == "bucket images not found at http://s3:7070"
    )
