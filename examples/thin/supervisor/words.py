"""What clients and servers say: which lines speak of an error, and what an output comes down to."""

import re
import sys
import time

ERROR = re.compile(r"\bERROR\b|\[(ERR|CRT)\] (?!s3fs_logger)|[Ee]rror:")
"""Lines of clients that make a look at the sources worth its while."""


def point_of(text: str) -> str:
    """What a client's output comes down to: the server's own error, else the last line without its time."""
    return server_error(text) or re.sub(r"^\d{4}[-/]\d\d[-/]\d\d[T ]\S+ +", "", _last_line(text))


def server_error(text: str) -> str:
    """The error in an answer of an S3 server; empty if there is none."""
    code, message = (re.search(rf"<{tag}>([^<]+)</{tag}>", text) for tag in ("Code", "Message"))
    return f"{code[1]}{': ' + message[1][:200].rstrip('.') if message else ''}" if code else ""


def kind_of(problem: str) -> str:
    """A problem without its numbers, times and names of requests."""
    return " ".join(word for word in problem.split() if not any(one.isdigit() for one in word))


def without(secrets: set[str], text: str) -> str:
    """A text in which none of these secrets stands."""
    for value in sorted(secrets, key=len, reverse=True):
        text = text.replace(value, "***")
    return text


def log(text: str) -> None:
    """One line to the container's log."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


def _last_line(text: str) -> str:
    """The last line that says something: s3fs says last that it ends."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and "exit_fuseloop" not in line]
    return lines[-1][:500] if lines else ""
