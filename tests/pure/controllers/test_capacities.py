"""How often engines are asked for capacities, and what a node's labels cost."""

from dataclasses import replace

import pytest

from fluid.controllers.capacities import Capacities
from fluid.controllers.node_labels import Footprint, footprint_labels, plan_labels
from fluid.controllers.plugin_calls import PluginCalls
from fluid.engines.core.faults import EngineFault, Plugin
from fluid.engines.jindo.registration import registration
from fluid.models import JindoRuntime, ObjectMeta
from fluid.naming import Identity
from fluid.types import Key

KEY = Key("a", "b")


class Asked:
    """Capacities whose engine counts how often it is asked, and may fail."""

    def __init__(self) -> None:
        self.times = 0
        self.fails = False
        counting = replace(registration(), capacities=self._count)
        self.capacities = Capacities(counting, PluginCalls(Plugin("toy", "toys")))

    def _count(self, _: JindoRuntime) -> dict[str, int]:
        self.times += 1
        if self.fails:
            raise ValueError("no disk")
        return {"MEM": self.times}

    def of(self, generation: int, uid: str = "1") -> int:
        meta = ObjectMeta(namespace="a", name="b", uid=uid, generation=generation)
        return self.capacities.of(JindoRuntime.model_construct(metadata=meta))["MEM"]


def test_an_engine_is_asked_once_for_each_generation_and_object() -> None:
    asked = Asked()
    assert [asked.of(1), asked.of(1), asked.of(2), asked.of(2)] == [1, 1, 2, 2]
    assert asked.of(2, uid="2") == 3, "another object of the same name"
    asked.capacities.forget(KEY)
    assert asked.of(2, uid="2") == 4


def test_an_engine_that_failed_is_asked_again() -> None:
    asked = Asked()
    asked.fails = True
    for _ in range(2):
        with pytest.raises(EngineFault, match="no disk"):
            asked.of(1)
    asked.fails = False
    assert asked.of(1) == 3


def _spellings(count: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often names of labels are made when a node has labels of so many runtimes."""
    known = list[Footprint]()
    for number in range(count):
        identity = Identity.of("a", f"d{number}", f"{number}-1234")
        known.append(
            Footprint(identity, "jindo", footprint_labels(identity, "jindo", {"MEM": 1}), False, False)
        )
    live = {key: value for one in known for key, value in one.labels.items()}
    made, real = list[str](), Identity.prefixed

    def counted(self: Identity, prefix: str) -> str:
        made.append(prefix)
        return real(self, prefix)

    with monkeypatch.context() as patch:
        patch.setattr(Identity, "prefixed", counted)
        plan_labels(live, [], known)
    return len(made)


def test_the_labels_of_a_node_cost_the_same_for_each_runtime_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _spellings(80, monkeypatch) == 2 * _spellings(40, monkeypatch)
