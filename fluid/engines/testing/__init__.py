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
- that a credential which a user writes into `options` is refused, or told of;
- that rendering again gives the same objects, in processes with other hash seeds too;
- that the objects are those of `specs/golden/NAME.yaml`: `pytest --fluid-write-golden` writes that file.

The pytest plug-in brings the option and is found by its entry point. `pytest --fluid-kubeconfig FILE` also
asks a cluster, by dry runs, whether it takes the objects.

The life of the engine is a second test, which simulates a cluster:

    from fluid.engines.testing.lifecycle.machine import lifecycle

    TestHelloLife = lifecycle(TestHello.subject, answers)

Users create, edit, scale and delete, children and volumes disappear, pods restart and get stuck, commands
fail, the operator is restarted, in any order. Bound must be reached and told, a status be true, a refused
edit keep what runs, a pass with nothing changed do nothing, and a deletion end without leftovers.
`answers(command, state)` is what commands in the pods of the cache say, with `said` and `State` of
`lifecycle.caches`; a cache that is asked nothing needs none. Hypothesis strategies for the specs of Dataset
and runtime replace those of the examples.

Nothing of the operator imports these modules; this one imports nothing, as pytest loads it in every run.
"""
