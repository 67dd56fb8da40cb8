"""What pods say themselves of why they do not serve: short, on one line, and without what looks secret."""

import re

from fluid.models import Pod

_LONGEST = 300
_NAMED = re.compile(
    r"""(?ix) ( (?: secret | passw(?:or)?d | passphrase | token | credential
        | (?:access|api|private)[-_ ]?key )
        [-\w]* ["']? \s* [=:] \s* ) ( "[^"]*" | '[^']*' | [^\s,;&]+ )"""
)
_IN_ADDRESS = re.compile(r"://[^/@\s]+@")


def last_words(pod: Pod) -> str:
    """The last line that a container of the pod wrote before it ended with an error; "" if none did.

    The kubelet keeps the end of its log as the termination message (`FallbackToLogsOnError`).
    """
    status = pod.status
    first = (status.init_container_statuses if status else None) or ()
    for container in (*first, *((status.container_statuses if status else None) or ())):
        for state in (container.state, container.last_state):
            ended = state.terminated if state else None
            if ended is not None and ended.exit_code != 0 and (ended.message or "").strip():
                return one_line((ended.message or "").strip().splitlines()[-1])
    return ""


def one_line(text: str) -> str:
    """A text of a foreign program for a condition: printable, short, its secrets blotted out."""
    printable = " ".join("".join(one if one.isprintable() else " " for one in text[:2000]).split())
    blotted = _IN_ADDRESS.sub("://***@", _NAMED.sub(r"\1***", printable))
    return blotted[:_LONGEST]


def with_last_words(message: str, pod: Pod) -> str:
    """A message about a pod, and what its container said last."""
    said = last_words(pod)
    return f"{message}; it said: {said}" if said else message
