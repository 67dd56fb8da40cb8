"""The example `engine-hello` with its kind in an API group of its own, and an Ingress in its chart."""

import sys
from pathlib import Path
from textwrap import dedent

from tests.harness.hello import EXAMPLE

GROUP = "cache.example.com"
API = f"{GROUP}/v1alpha1"
_INGRESS = '''
    """Ingress."""

    from typing import ClassVar, Literal

    from fluid.types import JsonObject, KubeObject, ObjectMeta, Resource


    class Ingress(KubeObject):
        """Ingress, as far as the chart needs it."""

        resource: ClassVar[Resource] = Resource("networking.k8s.io", "v1", "Ingress", "ingresses")
        api_version: Literal["networking.k8s.io/v1"] = "networking.k8s.io/v1"
        kind: Literal["Ingress"] = "Ingress"
        metadata: ObjectMeta
        spec: JsonObject
    '''
_TEMPLATE = """
    {% from "_helpers.jinja" import worker, base_labels with context %}
    {% if Values.replicas %}
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata:
      name: {{ worker }}
      namespace: {{ Release.namespace }}
      labels: {{ base_labels | to_yaml }}
    spec:
      defaultBackend:
        service: {name: {{ worker }}, port: {number: 8080}}
    {% endif %}
    """
_MORE = """, children=[Ingress], rules=[
        PolicyRule(api_groups=["autoscaling"], resources=["horizontalpodautoscalers"], verbs=["get", "use"]),
        PolicyRule(api_groups=[""], resources=["secrets"], resource_names=["cache-ca"], verbs=["get"]),
    ])"""
_ENTRY_POINTS = """
    [fluid.engines]
    hello = fluid_hello.engine:registration
    [fluid.kinds]
    hello = fluid_hello.models:HelloRuntime
    ingress = fluid_hello.ingress:Ingress
    """


def write_foreign(folder: Path) -> Path:
    """Put the distribution into a folder for PYTHONPATH."""
    source, package = EXAMPLE / "fluid_hello", folder / "fluid_hello"
    for file in source.rglob("*"):
        if file.is_file() and file.suffix != ".pyc":
            text = file.read_text().replace("data.fluid.io", GROUP)
            made = package / str(file.relative_to(source)).replace("data.fluid.io", GROUP)
            made.parent.mkdir(parents=True, exist_ok=True)
            made.write_text(text)
    engine = package / "engine.py"
    text = engine.read_text().replace("load_by_reading})", f"load_by_reading}}{_MORE}")
    text = text.replace("import EnvVar\n", "import EnvVar, PolicyRule\n\nfrom .ingress import Ingress\n")
    engine.write_text(text)
    (package / "ingress.py").write_text(dedent(_INGRESS))
    (package / "chart" / "templates" / "ingress.yaml").write_text(dedent(_TEMPLATE).lstrip())
    information = folder / "fluid_engine_hello-0.1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: fluid-engine-hello\nVersion: 0.1.0\n")
    (information / "entry_points.txt").write_text(dedent(_ENTRY_POINTS))
    return folder


def program(folder: Path) -> Path:
    """A command `fluid` of this checkout that finds what is in a folder."""
    found = folder / "fluid"
    found.write_text(
        f'#!/bin/sh\nPYTHONPATH="{folder}:$PYTHONPATH" exec "{Path(sys.executable).parent}/fluid" "$@"\n'
    )
    found.chmod(0o755)
    return found
