# pyright: basic, reportArgumentType=false, reportAttributeAccessIssue=false
"""What a pass derives from the specs it derives once, however many of its steps ask for it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from fluid.engines.core.passes import decide
from fluid.engines.jindo import case as jindo_case
from fluid.engines.jindo.engine import Commands, JindoEngine
from fluid.engines.kit import source_volumes, sources
from fluid.engines.kit.profiles import Overlay
from fluid.engines.testing.lifecycle import operator
from fluid.models import Dataset
from fluid.types import Key
from tests.pure.lifecycle.thin import ThinWorld
from tests.pure.lifecycle.world import World
from tools import one_pass

KEY = Key("a", "b-c")


class Passes:
    """Calls of functions, by pass."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.calls: list[Counter[str]] = []
        self.in_pass = False
        monkeypatch.setattr(operator, "decide", self.decide)

    def decide(self, *arguments: Any) -> Any:
        """One pass."""
        self.calls.append(Counter())
        self.in_pass = True
        try:
            return decide(*arguments)
        finally:
            self.in_pass = False

    def watch(self, place: Any, name: str) -> None:
        """Count the calls of a function."""
        function: Callable[..., Any] = getattr(place, name)

        def called(*arguments: Any, **named: Any) -> Any:
            if self.in_pass:
                self.calls[-1][name] += 1
            return function(*arguments, **named)

        self.monkeypatch.setattr(place, name, called)

    def most(self, name: str) -> int:
        """Calls in the pass with most of them."""
        return max(calls[name] for calls in self.calls)


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Passes:
    found = Passes(monkeypatch)
    found.watch(sources, "_source")
    return found


def live(world: Any, options: dict[str, str], **spec: Any) -> None:
    """A life: two mounts, then a third one."""
    mounts = [{"mountPoint": f"oss://{name}/", "name": name, "options": options} for name in "abc"]
    world.create_dataset(KEY, *mounts[:2])
    world.create_runtime(KEY, **spec)
    world.settle()
    world.edit(Dataset, KEY, mounts=mounts)
    world.settle()
    world.check()
    assert world.dataset(KEY).phase == "Bound"


def test_a_pass_of_jindo_looks_at_each_mount_once_and_derives_what_follows_once(passes: Passes) -> None:
    own = ("storage", "credentials", "endpoints", "file_store", "cache_sets")
    of_kit = ("directory_values", "claim_values")
    for name in own:
        passes.watch(jindo_case, name)
    for name in of_kit:
        passes.watch(source_volumes, name)
    live(World(), {"fs.oss.endpoint": "oss-cn"})
    assert passes.most("_source") == 3
    assert {name: passes.most(name) for name in (*own, *of_kit)} == dict.fromkeys((*own, *of_kit), 1)


def test_a_pass_of_thin_merges_profile_and_runtime_once_for_each_component(passes: Passes) -> None:
    passes.watch(Overlay, "put_together")
    passes.watch(source_volumes, "attach_host_folders")
    world = ThinWorld()
    world.create_profile()
    live(world, {}, worker={"enabled": True}, replicas=1, fuse={"args": ["-f"]})
    assert passes.most("_source") == 3
    assert passes.most("put_together") == 2
    assert passes.most("attach_host_folders") == 1


def test_a_pass_that_finds_everything_done_asks_nothing_about_the_sources(passes: Passes) -> None:
    passes.watch(JindoEngine, "count_sources")
    passes.watch(Commands, "count")
    world = World()
    live(world, {"fs.oss.endpoint": "oss-cn"})
    assert passes.most("count_sources") == 1
    assert passes.most("count") == 3
    passes.calls.clear()
    for _ in range(3):
        world.step()
    assert passes.calls
    assert passes.most("count_sources") == 0


def test_the_measure_of_a_pass_tells_the_files_of_those_that_render_from_the_files_of_quiet_ones() -> None:
    found = one_pass.passes()
    transform, steps = "fluid/engines/jindo/transform.py", "fluid/engines/core/steps.py"
    assert one_pass.largest(found, rendered=True) >= {transform, steps}
    assert steps in found[-1].files
    assert transform not in found[-1].files
