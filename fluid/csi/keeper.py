"""Keeps the node plugin going in its container: one that was killed is started again at once.

The kubelet would wait before the second start, and twice as long before each further one, up to five minutes.
For so long no pod could start here, and none whose FUSE process was replaced would read again.
"""

import gc
import os
import signal
import sys
import time

from fluid.csi.syscalls import Kernel

_ENDING = frozenset({signal.SIGTERM, signal.SIGINT})
_WATCHED = _ENDING | {signal.SIGCHLD}
_SHORTEST, _LONGEST = 0.1, 1.0
"""Seconds until the next start; they double while processes live no longer than `_SOUND`."""
_SOUND = 3.0


def keep() -> None:
    """Return in a process of its own, and in a new one each time that was killed.

    The calling process, which has no threads yet, stays behind as its parent: it hands signals on, and ends
    when that ends by itself.
    """
    gc.freeze()  # a collection in the child would copy what it shares with its parent
    parent, delay = os.getpid(), _SHORTEST
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    while True:
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
            Kernel().die_with_parent(parent)
            return
        code, asked = _end_of(child)
        if code >= 0 or asked:
            sys.exit(max(code, 0))
        delay = _SHORTEST if time.monotonic() - began > _SOUND else min(2 * delay, _LONGEST)
        sys.stderr.write(f"the node plugin was killed by signal {-code}; it is started again\n")
        sys.stderr.flush()
        if signal.sigtimedwait(_ENDING, delay) is not None:
            sys.exit(0)


def _end_of(child: int) -> tuple[int, bool]:
    """Wait for it: its exit code, negative for a signal; and whether it had been asked to end."""
    asked = False
    while True:
        caught = signal.sigwait(_WATCHED)
        if caught in _ENDING:
            asked = True
            os.kill(child, caught)
            continue
        # Any child: without hostPID this is the first process, whose children all orphans become
        for ended, status in iter(lambda: os.waitpid(-1, os.WNOHANG), (0, 0)):
            if ended == child:
                return os.waitstatus_to_exitcode(status), asked
