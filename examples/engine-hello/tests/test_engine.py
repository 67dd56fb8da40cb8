"""What becomes of the examples in `specs` keeps what Fluid promises; `specs/golden` has all of it."""

from pathlib import Path

from fluid_hello.engine import registration

from fluid.engines.testing.lifecycle.machine import lifecycle
from fluid.engines.testing.suite import Conformance, Subject


class TestHello(Conformance):
    """Every rule of the kit, hostile texts in every field, and equality with the golden files."""

    subject = Subject(registration, Path(__file__).parent / "specs")


TestHelloLife = lifecycle(TestHello.subject)
