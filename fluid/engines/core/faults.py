"""Code of engines and data operations that fails: one typed failure for whatever it does.

Such code may be anybody's. It may raise any exception, never end, or return something else than its interface
says. `guarded` runs it, and makes an `EngineFault` of all of these, which names distribution and method.
"""

import re
import signal
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from traceback import walk_tb
from typing import NamedTuple, TypeVar

from fluid.engines.core.checks import UnfitError
from fluid.kube.cpu_budget import STOP_AFTER
from fluid.kube.errors import Costly
from fluid.kube.time_limit import TimeLimitExceeded, run_within
from fluid.models import OperationCondition, RuntimeCondition
from fluid.types import fit

T = TypeVar("T")
ENGINE_FAULT = "EngineFault"
"""Condition of a runtime, and reason on Datasets and data operations: code of a distribution failed."""
STANDS = timedelta(minutes=1)
"""How long the words about a fault stay while the spec does, as each repetition may say something else."""
_LONGEST = 300
"""Characters of an exception's message that are told."""
_ADVICE = "report it to the author of that distribution; the operator's log has the traceback"
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,16}\b")
_OURS = frozenset({"api", "core", "kit", "operations", "testing"})
"""Packages of `fluid.engines` that belong to no engine."""


class Plugin(NamedTuple):
    """Whose code it is.

    Attributes:
        name: What it is, and of which distribution, for messages.
        package: Top package of its modules.
    """

    name: str
    package: str


class EngineFault(Costly):
    """Code of an engine or of a data operation failed; it is tried again, as spec or code may change.

    Attributes:
        reason: CamelCase word for condition and event.
        message: Sentence that names distribution, method and cause, and the next step; bounded, and the same
            for the same fault.
        stopped: Whether the code had to be interrupted.
    """

    def __init__(self, plugin: Plugin, method: str, problem: str, *, stopped: bool = False) -> None:
        self.reason = ENGINE_FAULT
        self.message: str = fit(f"{plugin.name}: {method} {problem}; {_ADVICE}", 3 * _LONGEST)
        self.stopped = stopped
        self.seconds: float = STOP_AFTER if stopped else 0.0
        super().__init__(self.message)


def lasting_words(
    words: str,
    standing: RuntimeCondition | OperationCondition | None,
    generation: int | None,
    now: datetime,
) -> str:
    """What is told of a fault: the words that a condition has already, for a while.

    Args:
        words: What this occurrence of the fault says.
        standing: The condition that may tell of a fault; its `lastProbeTime` is when its words were written.
        generation: The object's `metadata.generation`: of another one the news are told at once.
        now: The time.
    """
    if standing is None or standing.reason != ENGINE_FAULT or standing.last_probe_time is None:
        return words
    lasts = standing.observed_generation == generation and now - standing.last_probe_time < STANDS
    return (standing.message if lasts else None) or words


def guarded(
    plugin: Plugin,
    method: str,
    code: Callable[[], T],
    *,
    passing: tuple[type[BaseException], ...] = (),
    limited: bool = True,
    seconds: float | None = None,
) -> T:
    """Run code of a plug-in.

    Args:
        plugin: Whose code it is.
        method: What is called, for a fault whose traceback does not show it.
        code: What to run. It does no IO and changes nothing that outlives it.
        passing: Exceptions that the interface lets it raise.
        limited: Whether it is stopped after `STOP_AFTER` seconds.
        seconds: What is left of them for this call; None for all.

    Raises:
        EngineFault: It raised anything else, even SystemExit, or was stopped.
    """
    try:
        return run_within(STOP_AFTER if seconds is None else seconds, code) if limited else code()
    except (EngineFault, *passing):
        raise
    except TimeLimitExceeded as error:
        where = _entered(error, plugin.package) or method
        problem = f"did not end within {STOP_AFTER:g} s and was stopped"
        raise EngineFault(plugin, where, problem, stopped=True) from error
    except UnfitError as error:
        raise EngineFault(plugin, error.method, error.problem) from error
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is _ON_INTERRUPT:
            raise  # somebody pressed Ctrl-C
        where = _entered(error, plugin.package) or method
        raise EngineFault(plugin, where, f"raised {_told(error)}") from error


_ON_INTERRUPT = signal.default_int_handler


def _told(error: BaseException) -> str:
    """Type and message; addresses, which differ from time to time, are left out."""
    try:
        words = fit(_ADDRESS.sub("0x...", run_within(1.0, lambda: str(error))[: 2 * _LONGEST]), _LONGEST)
    except BaseException:  # noqa: BLE001 - even this is code of somebody else
        words = "(a message that cannot be shown)"
    return f"{type(error).__name__[:80]}: {words}" if words else type(error).__name__[:80]


def _entered(error: BaseException, package: str) -> str:
    """The function of a package that was called first on the way to an exception; "" without any."""
    return next(_functions(error, package), "")


def _functions(error: BaseException, package: str) -> Iterator[str]:
    for frame, _ in walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", "")).split(".")
        shipped = module[:2] == ["fluid", "engines"] and module[2:3] and module[2] not in _OURS
        if module[0] == package and (package != "fluid" or shipped):
            yield frame.f_code.co_qualname[:120]
