"""Real mounts, seen by nobody else: this process goes into a mount namespace of its own and stays there."""

import ctypes
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.mounts.support import Machine

_CLONE_NEWNS, _MS_REC, _MS_PRIVATE = 0x00020000, 0x4000, 0x40000


@cache
def obstacle() -> str:
    """Why mounts cannot be made here; empty when they can, in the new namespace."""
    if os.geteuid() != 0:
        return "mounts take root"
    if not Path("/dev/fuse").exists():
        return "there is no /dev/fuse"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) != 0:
        return f"no mount namespace of our own: {os.strerror(ctypes.get_errno())}"
    if libc.mount(b"none", b"/", None, ctypes.c_ulong(_MS_REC | _MS_PRIVATE), None) != 0:
        return f"the namespace cannot be made private: {os.strerror(ctypes.get_errno())}"
    return ""


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A node's directories on a file system of their own, and the FUSE processes of a test."""
    if why := obstacle():
        pytest.skip(why)
    with tempfile.TemporaryDirectory(prefix="fluid-") as folder:  # short: the path of a socket has 107 bytes
        found = Machine(Path(folder, "node"))
        found.start()
        yield found
        found.stop()
