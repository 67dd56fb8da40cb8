"""Detaching a source from JindoCache.

Unproven: no JindoCache program was at hand to run it against. The command follows the spelling of
`-mount`; should a release spell it otherwise, this is the one place to change. A failure is shown in
the Dataset's condition and harms nothing else.
"""

from fluid.engines.interface import Exec
from fluid.engines.jindo.commands import CONTAINER
from fluid.types import Key


def unmount(master_pod: Key, path: str) -> Exec:
    """The command that takes a path out of the cache's namespace."""
    return Exec(master_pod, CONTAINER, ("jindocache", "-unmount", path))
