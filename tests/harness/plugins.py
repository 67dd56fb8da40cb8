"""Small distributions of somebody else: a package and its metadata in a folder, as pip leaves them."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import yaml

from tests.harness.hello import EXAMPLE

MODELS = '''
    """ToyRuntime."""

    from typing import ClassVar, Literal

    from pydantic import Field

    from fluid.models import DataLoad, RuntimeStatus
    from fluid.types import KubeModel, KubeObject, ObjectMeta, Resource


    class ToySpec(KubeModel):
        """What is wanted."""

        replicas: int = 1


    class ToyRuntime(KubeObject):
        """A toy."""

        resource: ClassVar[Resource] = Resource("data.fluid.io", "v1alpha1", "ToyRuntime", "toyruntimes")
        api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
        kind: Literal["ToyRuntime"] = "ToyRuntime"
        metadata: ObjectMeta
        spec: ToySpec = Field(default_factory=ToySpec)
        status: RuntimeStatus | None = None


    class DataToy(DataLoad):
        """A data operation."""

        resource: ClassVar[Resource] = Resource("data.fluid.io", "v1alpha1", "DataToy", "datatoys")
    '''
ENGINE = '''
    """The engine of ToyRuntimes."""

    from fluid.engines.core.registration import EngineRegistration

    from .models import ToyRuntime


    def build(snapshot, results, plan, settings):
        raise NotImplementedError


    def registration():
        return EngineRegistration(
            kind=ToyRuntime, runtime_type="toy", implementation="toycache", interface="1.0", build=build
        )
    '''
QUERIES = '''
    """What the engine of ToyRuntimes asks."""

    from dataclasses import dataclass

    from fluid.engines.core.query import Query
    from fluid.models import PolicyRule
    from fluid.types import Key


    @dataclass(frozen=True, slots=True)
    class CountToys(Query[int]):
        """How many toys are in a box."""

        box: Key

        @property
        def namespace(self):
            return self.box.namespace

        def unanswered(self, reason):
            return -1


    async def count(connection, query):
        return 7


    KIND = CountToys.answered_by(
        count, [PolicyRule(api_groups=["toys.example.com"], resources=["boxes"], verbs=["get"])]
    )
    '''
"""A query of an engine's own, with handler and rights."""
ASKING = ENGINE.replace("import ToyRuntime", "import ToyRuntime\n    from .queries import KIND").replace(
    "build=build", "build=build, queries=[KIND]"
)
"""The engine that registers it."""
CRD = """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: toyruntimes.data.fluid.io}
    spec:
      group: data.fluid.io
      names: {kind: ToyRuntime, listKind: ToyRuntimeList, plural: toyruntimes, singular: toyruntime}
      scope: Namespaced
      versions:
      - name: v1alpha1
        served: true
        storage: true
        schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    """
ENTRY_POINTS = {
    "fluid.engines": {"toy": "{package}.engine:registration"},
    "fluid.kinds": {"toy": "{package}.models:ToyRuntime"},
}


def write_plugin(
    folder: Path,
    name: str = "toys",
    files: Mapping[str, str] | None = None,
    announced: Mapping[str, Mapping[str, str]] | None = None,
) -> Path:
    """Put a distribution into a folder for `sys.path`.

    Args:
        folder: The folder, which may have others.
        name: Of distribution and package.
        files: Files of the package by their names, in place of those of a plug-in that works, or beside them.
        announced: Entry points by group; those of a plug-in that works if None.
    """
    package, information = folder / name, folder / f"{name}-1.0.dist-info"
    found = {
        "__init__.py": "",
        "models.py": MODELS,
        "engine.py": ENGINE,
        "crds/toy.yaml": CRD,
        **(files or {}),
    }
    for file, text in found.items():
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text(dedent(text))
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines: list[str] = []
    for group, entries in (ENTRY_POINTS if announced is None else announced).items():
        lines += [f"[{group}]", *(f"{key} = {value.format(package=name)}" for key, value in entries.items())]
    (information / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return folder


def write_hello_plugin(
    folder: Path, name: str, models: str, engine: str, spec: Mapping[str, object] | None = None
) -> Path:
    """A command `fluid` that finds an engine derived from `examples/engine-hello`.

    Args:
        folder: Where distribution and command are put.
        name: Of distribution, package and engine; its kind is `{Name}Runtime`.
        models: The module with the model.
        engine: The module with the registration.
        spec: Properties of the root of its CRD in place of those of HelloRuntime.
    """
    kind = f"{name.capitalize()}Runtime"
    text = next((EXAMPLE / "fluid_hello" / "crds").glob("*.yaml")).read_text()
    text = text.replace("HelloRuntime", kind).replace("helloruntime", kind.lower())
    document = yaml.safe_load(text.replace("    - hello\n", f"    - {name}\n"))
    document["spec"]["versions"][0]["schema"]["openAPIV3Schema"].update(spec or {})
    files = {"models.py": models, "engine.py": engine, "crds/toy.yaml": yaml.safe_dump(document)}
    announced = {
        "fluid.engines": {name: "{package}.engine:registration"},
        "fluid.kinds": {name: "{package}.models:" + kind},
    }
    write_plugin(folder, name, files, announced)
    command, fluid = folder / "fluid", Path(sys.executable).parent / "fluid"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{folder}{os.pathsep}{EXAMPLE}" exec "{fluid}" "$@"\n')
    command.chmod(0o755)
    return command
