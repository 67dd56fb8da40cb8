# pyright: basic, reportAttributeAccessIssue=false, reportArgumentType=false
"""A world whose engine does what a test says instead of what it should, and faults to say."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fluid.controllers.runtime_engine import RuntimeEngine
from fluid.engines.core.faulty_pass import decide_or_explain
from fluid.engines.core.plan import Plan
from fluid.engines.jindo.registration import registration
from fluid.models import ConfigMap, ObjectMeta
from fluid.types import Key
from tests.pure.lifecycle.world import World

Fault = Callable[[], Any]


def raising(error: type[BaseException], *arguments: object) -> Fault:
    """A method that raises."""

    def raises() -> Any:
        raise error(*arguments)

    return raises


def recurse() -> Any:
    """A method without an end to its calls."""
    return recurse()


def spin() -> Any:
    """A method that does not end."""
    while True:
        pass


class Unspeakable(Exception):  # noqa: N818
    """An exception that cannot be shown."""

    def __str__(self) -> str:
        raise self


def objects(count: int = 1, namespace: str = "a", name: str = "x") -> list[ConfigMap]:
    """ConfigMaps."""
    return [ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace))] * count


RAISED: dict[str, Fault] = {
    "an exception": raising(ValueError, "no such thing"),
    "no message": raising(ValueError),
    "an endless message": raising(ValueError, "x" * 10_000_000),
    "a message that cannot be shown": raising(Unspeakable),
    "no end of calls": recurse,
    "no memory": raising(MemoryError),
    "a wish to leave": raising(SystemExit, 3),
    "a keyboard that nobody has": raising(KeyboardInterrupt),
    "a cancellation": raising(asyncio.CancelledError),
    "the end of a generator": raising(GeneratorExit),
    "the end of an iteration": raising(StopIteration),
}
HANGS: dict[str, Fault] = {"an endless loop": spin, "a long sleep": lambda: time.sleep(3600)}
NONSENSE: dict[str, Fault] = {
    "a text": lambda: "nonsense",
    "a number": lambda: 7,
    "a class": lambda: Plan,
    "a list": lambda: [object()] * 3,
    "objects": objects,
    "100000 objects": lambda: objects(100_000),
}


class FaultyWorld(World):
    """A JindoRuntime whose engine does as `faults` says: a fault by the name of a method, or of `build`."""

    def __init__(self) -> None:
        self.faults: dict[str, Fault] = {}
        self.plans: list[Plan] = []
        real = registration()

        def build(*arguments: Any) -> Any:
            if "build" in self.faults:
                return self.faults["build"]()
            engine = real.build(*arguments)
            for name, fault in self.faults.items():
                setattr(engine, name, lambda *_, fault=fault: fault())
            return engine

        super().__init__(replace(real, build=build))

    def decide(self, *arguments: Any) -> Plan:
        """What the operator does in place of `decide`."""
        plan = decide_or_explain(*arguments)
        self.plans.append(plan)
        return plan

    def decide_with_capacities(self, _: Any, *arguments: Any) -> Plan:
        """As `decide`, with what the reconciler asks of the engine beside: `capacities`, which may fail."""

        def capacities(runtime: Any) -> Any:
            fault = self.faults.get("capacities")
            return fault() if fault else self.real.capacities(runtime)

        engine = RuntimeEngine(replace(self.real, capacities=capacities), self.settings)
        plan = engine.decide(*arguments)
        self.plans.append(plan)
        return plan

    def told(self, key: Key) -> str:
        """What the runtime says of its engine; "" if nothing."""
        status = self.runtime(key)
        found = [one for one in (status.conditions if status else None) or () if one.type == "EngineFault"]
        return found[0].message if found else ""
