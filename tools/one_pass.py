# pyright: basic
"""`python -m tools.one_pass`: which files a pass over a JindoRuntime enters, and what runs twice in it.

A pass is that of the simulated operator of `tests/pure/lifecycle`: snapshot, decisions and plan are the real
ones, only the sending is played. A file counts once a function of it is called; those of
`fluid.engines.testing` do not count.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from fluid.engines.testing.lifecycle.operator import Operator
from fluid.types import Key, KubeObject
from tests.pure.lifecycle.world import MOUNT, World

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("fluid/engines", "fluid/controllers")
KEY = Key("a", "b")


class OnePass(NamedTuple):
    """What one pass entered.

    Attributes:
        rendered: Whether it rendered the chart.
        files: Files of the engines and controllers, relative to the repository.
    """

    rendered: bool
    files: frozenset[str]


def recorded(passes: list[OnePass], run: Callable[[], None]) -> None:
    """Run something and note which files it enters."""
    entered: set[str] = set()

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            entered.add(frame.f_code.co_filename)

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(before)
    names = {str(Path(name).relative_to(ROOT)) for name in entered if name.startswith(f"{ROOT}/fluid/")}
    files = {one for one in names if one.startswith(ROOMS) and not one.startswith("fluid/engines/testing")}
    passes.append(OnePass("fluid/charts/chart.py" in names, frozenset(files)))


def passes() -> list[OnePass]:
    """All passes over one runtime: from creation to Bound, and some that find nothing to do."""
    found: list[OnePass] = []
    real = Operator._pass_over_runtime  # pyright: ignore[reportPrivateUsage]

    class Recorded(Operator):
        def _pass_over_runtime(self, runtime: KubeObject) -> None:
            recorded(found, lambda: real(self, runtime))

    world = World()
    world.operator.__class__ = Recorded
    world.create_dataset(KEY, MOUNT)
    world.create_runtime(KEY)
    world.settle()
    for _ in range(3):
        world.operator.step()
    return found


def largest(found: list[OnePass], *, rendered: bool) -> frozenset[str]:
    """The files of the pass that enters most, of those that render or of the others."""
    return max((one.files for one in found if one.rendered == rendered), key=len)


def main() -> None:
    """Print the files."""
    found = passes()
    for what, files in (
        ("renders", largest(found, rendered=True)),
        ("does not render", largest(found, rendered=False)),
        ("is quiet", found[-1].files),
    ):
        sys.stdout.write(
            "\n  ".join([f"A pass that {what} enters {len(files)} files:", *sorted(files)]) + "\n"
        )


if __name__ == "__main__":
    main()
