"""The supervisor of the node plugin: restarts a killed plugin at once, inside its container.

The kubelet restarts a container with a back-off that doubles up to five minutes. During the back-off no pod
with a Dataset can start on the node, and no pod recovers whose FUSE process was replaced.
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
"""Seconds until the next start; the delay doubles while plugins live no longer than `_SOUND`."""
_SOUND = 3.0
"""Seconds after which a plugin counts as started well."""


def supervise() -> None:
    """Fork, and return in the child; fork again each time the child is killed by a signal.

    The calling process stays behind as the supervisor: it passes SIGTERM and SIGINT on to the child, and
    exits when the child exits by itself. The caller must not have started a thread before.
    """
    gc.freeze()  # a garbage collection in the child would copy the memory pages that it shares
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
    """Wait for the child: its exit code (negative for a signal), and whether it was asked to end."""
    asked = False
    while True:
        caught = signal.sigwait(_WATCHED)
        if caught in _ENDING:
            asked = True
            os.kill(child, caught)
            continue
        # Reap any child: without hostPID the supervisor is process 1, which inherits all orphans
        for ended, status in iter(lambda: os.waitpid(-1, os.WNOHANG), (0, 0)):
            if ended == child:
                return os.waitstatus_to_exitcode(status), asked
