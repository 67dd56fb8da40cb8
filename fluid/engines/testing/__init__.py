"""Proof that an engine keeps what Fluid promises, for authors in distributions of their own.

Install it with `pip install fluid-operator[testing]`.

A test module of the author names the registration and a folder of specs, and inherits the tests:

    from pathlib import Path

    from fluid.engines.testing.suite import Conformance, Subject
    from fluid_engine_hello.registration import registration

    class TestHello(Conformance):
        subject = Subject(registration, Path(__file__).parent / "specs")

Each `specs/NAME.yaml` is an example: a Dataset, its runtime, and the objects that the runtime names. The
tests render every example without a cluster and check

- each rule of `fluid.engines.testing.rules` (labels, selectors, owners, FUSE mount, credentials, sizes);
- that hostile texts in every text field are data, or are refused with `InvalidSpec`;
- that rendering again gives the same objects, in processes with other hash seeds too;
- that the objects are those of `specs/golden/NAME.yaml`: `pytest --fluid-write-golden` writes that file.

The pytest plug-in brings the option and is found by its entry point. Nothing of the operator imports these
modules; this one imports nothing, as pytest loads it in every run.
"""
