"""The engines of this distribution keep what the kit for authors asks for, by its public interface."""

from pathlib import Path

from fluid.engines.testing.lifecycle.machine import lifecycle
from fluid.engines.testing.suite import Conformance, Subject
from tests.pure.juicefs.client import answers as juicefs_answers
from tests.pure.lifecycle import alluxio
from tests.pure.lifecycle.cache import answers

SPECS = Path(__file__).parents[2] / "data" / "conformance"
ALLUXIO = Subject("alluxio", SPECS / "alluxio")
JINDO = Subject("jindo", SPECS / "jindo")
JUICEFS = Subject("juicefs", SPECS / "juicefs")
THIN = Subject("thin", SPECS / "thin")


class TestAlluxio(Conformance):
    subject = ALLUXIO


class TestJindo(Conformance):
    subject = JINDO


class TestJuiceFS(Conformance):
    subject = JUICEFS


class TestThin(Conformance):
    subject = THIN


TestAlluxioLife = lifecycle(ALLUXIO, alluxio.answers, examples=10)
TestJindoLife = lifecycle(JINDO, answers, examples=10)
TestJuiceFSLife = lifecycle(JUICEFS, juicefs_answers, examples=10)
TestThinLife = lifecycle(THIN, examples=10)
