"""What a helper tells of names that a tenant chose, and of what nobody expected."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from fluid.csi.helper import run
from fluid.csi.namespace_renewal import shown
from fluid.csi.syscalls import Kernel


@given(st.text() | st.binary().map(lambda name: name.decode(errors="surrogateescape")))
def test_any_path_is_told_short_and_without_control_characters(path: str) -> None:
    told = shown(path)
    assert told.isprintable()
    told.encode()
    assert len(told) <= 10 * 200 + 1
    assert shown("/data") == "/data"


def test_what_nobody_expected_is_an_answer_and_no_traceback() -> None:
    answer = run(Kernel(), "detach", ["/", "no number"])
    assert answer == {"failed": "ValueError: invalid literal for int() with base 10: 'no number'"}
    assert ast.literal_eval(ascii(answer)) == answer
