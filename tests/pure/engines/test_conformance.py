"""The engines of this distribution keep what the kit for authors asks for, by its public interface."""

from pathlib import Path

from fluid.engines.testing.suite import Conformance, Subject

SPECS = Path(__file__).parents[2] / "data" / "conformance"


class TestJindo(Conformance):
    subject = Subject("jindo", SPECS / "jindo")


class TestThin(Conformance):
    subject = Subject("thin", SPECS / "thin")
