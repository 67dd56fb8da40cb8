"""`python -m tests.fuzz_render [--cases N] [--first N]`: `fluid render` on manifests changed at random.

Each case is a number: the same number gives the same manifest. A case fails when it ends with a traceback,
takes more than 5 s of processor time, needs more than 500 MiB, or prints what is no valid object.
"""

import argparse
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from click.testing import CliRunner, Result
from pydantic import JsonValue

from fluid.charts.kinds import typed
from fluid.cli import main
from fluid.cli.admission import schemas
from fluid.cli.validity import invalid_parts
from fluid.types.yaml import load_yaml
from tests.harness.mutations import manifest, seeds

SECONDS, MEMORY = 5, 500 << 20


class Outcome(NamedTuple):
    """How one case ended.

    Attributes:
        number: of the case.
        problem: what is wrong with it; "" if nothing is.
        ending: the exit code.
        seconds: processor time that it took.
        objects: how many objects were printed.
    """

    number: int
    problem: str
    ending: int
    seconds: float
    objects: int


def run(number: int) -> Outcome:
    """Run one case within the bounds."""
    text = manifest(number, _SEEDS or _seeds())
    started = time.process_time()
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        result = CliRunner().invoke(main, ["render", "-f", "-"], input=text)
        signal.setitimer(signal.ITIMER_PROF, 0)
    except _TooLongError:
        return Outcome(number, f"took longer than {SECONDS} s", -1, SECONDS, 0)
    seconds = time.process_time() - started
    documents: list[JsonValue] = []
    problem = _traceback(result)
    if not problem and result.exit_code == 0:
        documents = load_yaml(result.stdout)
        problem = "; ".join(wrong(documents))
    return Outcome(number, problem, result.exit_code, seconds, len(documents))


def wrong(documents: Iterable[JsonValue]) -> Iterator[str]:
    """What the API server would not take of the documents."""
    for document in documents:
        try:
            item = typed(document)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            yield f"not typed: {error}"
            continue
        what = f"{item.resource.kind} {item.name[:80]!r}"
        yield from (f"{what}: unknown field {field}" for field in item.unknown_fields())
        yield from (f"{what}: {problem}" for problem in invalid_parts(item))


def _traceback(result: Result) -> str:
    """What is wrong with how the command ended."""
    error = result.exception
    if error is not None and not isinstance(error, SystemExit):
        return f"{type(error).__name__}: {str(error)[:300]}"
    if result.exit_code not in (0, 1):
        return f"exit code {result.exit_code}"
    if result.exit_code == 1 and not (result.stderr.strip() and not result.stdout):
        return "failed without a word, or with half an answer"
    if "Traceback" in result.output:
        return "printed a traceback"
    return ""


class _TooLongError(BaseException):
    pass


def _too_long(_number: int, _frame: object) -> None:
    raise _TooLongError


_SEEDS: list[list[JsonValue]] = []


def _seeds() -> Sequence[list[JsonValue]]:
    """Those of this process; with them it is ready, and gets its bounds."""
    _SEEDS.extend(seeds())
    schemas()
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()  # noqa: SIM115, PTH123
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    return _SEEDS


def main_() -> int:
    """Run many cases on all cores; print what failed, and how they ended."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_render", description=__doc__)
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--first", type=int, default=0)
    chosen = parser.parse_args()
    numbers = range(chosen.first, chosen.first + chosen.cases)
    with ProcessPoolExecutor() as pool:
        outcomes = list(pool.map(run, numbers, chunksize=25))
    failed = [one for one in outcomes if one.problem]
    lines = [f"case {one.number}: {one.problem}" for one in failed]
    endings = Counter(one.ending for one in outcomes)
    slowest = max(one.seconds for one in outcomes)
    counts, printed = dict(sorted(endings.items())), sum(one.objects for one in outcomes)
    lines += [
        f"{len(outcomes)} cases: exit codes {counts}, {printed} objects printed, slowest {slowest:.2f} s",
        f"{len(outcomes) - len(failed)} passed, {len(failed)} failed",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main_())
