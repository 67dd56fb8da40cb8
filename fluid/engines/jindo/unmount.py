"""Detaching a source from JindoCache.

Unproven: no JindoCache program was at hand to run it against. The command follows the spelling of
`-mount`; should a release spell it otherwise, this is the one place to change. A failure is shown in
the Dataset's condition and harms nothing else.
"""


def unmount_command(path: str) -> tuple[str, ...]:
    """The command that takes a path out of the cache's namespace."""
    return ("jindocache", "-unmount", path)
