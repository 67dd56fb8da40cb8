"""Running a process until it is told to stop, and telling why it ended otherwise."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import anyio
import click

E = TypeVar("E", bound=BaseException)
OptionsT = TypeVar("OptionsT")


def serve_until_stopped(
    serve: Callable[[OptionsT], Awaitable[None]], options: OptionsT, *expected: type[Exception]
) -> None:
    """Run a process; what it expects may go wrong becomes a line each on standard error, and exit code 1.

    Args:
        serve: the process.
        options: of the process.
        expected: what may go wrong; the rest are faults of ours, and shown as such.
    """
    problems: list[str] = []
    try:
        anyio.run(serve, options)
    except* expected as failed:
        problems = [str(cause) for cause in _causes(failed)]
    for problem in dict.fromkeys(problems):
        click.echo(f"error: {problem}", err=True)
    if problems:
        sys.exit(1)


def _causes(failed: BaseExceptionGroup[E]) -> Iterator[E]:
    """What went wrong: the process is made of task groups, and each of them wraps what ends it."""
    for part in failed.exceptions:
        if isinstance(part, BaseExceptionGroup):
            yield from _causes(part)  # pyright: ignore[reportUnknownArgumentType] - isinstance forgets E
        else:
            yield part
