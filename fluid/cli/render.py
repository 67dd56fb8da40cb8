"""`fluid render`: what the operator would make, without a cluster."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from traceback import format_exception

import click
from pydantic import JsonValue, ValidationError

from fluid.charts import ChartError, Release, load_chart
from fluid.charts.kinds import model_of
from fluid.cli.admission import refusals
from fluid.cli.policy_file import PolicyFile
from fluid.cli.validity import invalid_parts
from fluid.engines.core.errors import InvalidSpec, NamedObject, SpecWarning
from fluid.engines.core.faults import EngineFault
from fluid.engines.core.registry import Registry
from fluid.engines.core.runtime_policy import RuntimePolicies
from fluid.offline.render import render_documents
from fluid.types import AuthoringError, KubeObject
from fluid.types.documents import LONGEST_TEXT, read_documents
from fluid.types.yaml import dump_yaml


@click.command("render")
@click.option(
    "-f", "--filename", "files", multiple=True, metavar="FILE", help="Documents to render; - for stdin."
)
@click.option("--chart", metavar="DIR", help="Render this chart alone.")
@click.option(
    "--values", metavar="FILE", help="Values for --chart, over those in its values.yaml; - for stdin."
)
@click.option("--name", metavar="NAME", help="Release name for --chart.")
@click.option(
    "-n", "--namespace", default="default", show_default=True, help="Namespace where documents name none."
)
@click.option(
    "--runtime-policy", "policies", type=PolicyFile(), help="Judge what is rendered by these policies."
)
def command(
    files: tuple[str, ...],
    chart: str | None,
    values: str | None,
    name: str | None,
    namespace: str,
    policies: RuntimePolicies | None,
) -> None:
    """Print the objects that a Dataset and its runtime become, with their data operations, as YAML."""
    if bool(files) == bool(chart) or (values and not chart):
        raise click.UsageError("give -f FILE, or --chart DIR with --values FILE")
    try:
        rendered = _chart(chart, values, name, namespace) if chart else _documents(files, namespace, policies)
        text = dump_yaml(*[_printable(item) for item in rendered])
    except (InvalidSpec, ChartError, AuthoringError, OSError, ValueError) as error:
        raise click.ClickException(_one_line_each(error)) from None
    click.echo(text, nl=False)


def _documents(files: Sequence[str], namespace: str, policies: RuntimePolicies | None) -> list[KubeObject]:
    objects: list[KubeObject] = []
    places: list[str] = []
    for file in files:
        for number, document in enumerate(_read(file), 1):
            places.append(f"{_shown(file)}, document {number}")
            objects.append(_object(document, places[-1], namespace))
    try:
        registry = Registry.discover()
        settings = registry.settings(os.environ)
        return render_documents(objects, settings, _warn, registry, policies)
    except InvalidSpec as error:
        raise ValueError(f"{_place_of(error, objects, places)}: {error.message}") from None
    except EngineFault as error:  # the traceback is for the author of the engine
        raise ValueError("".join(format_exception(error.__cause__ or error)) + error.message) from None


def _place_of(error: InvalidSpec, objects: Sequence[KubeObject], places: Sequence[str]) -> str:
    """The file and document whose field is wrong; all of them if it stands in none."""
    wanted = error.subject
    found = [
        place
        for item, place in zip(objects, places, strict=True)
        if isinstance(wanted, NamedObject)
        and item.resource.kind == wanted.kind
        and wanted.key in (None, item.key)
    ]
    return found[0] if found else ", ".join(places)


def _object(document: JsonValue, place: str, namespace: str) -> KubeObject:
    try:
        model = model_of(document)
        if not isinstance(document, dict):
            raise ValueError(f"{place}: is no mapping")
        item = model.author(document)
    except AuthoringError as error:
        raise AuthoringError([f"{place}: {problem}" for problem in error.problems]) from None
    except ChartError as error:
        raise ValueError(f"{place}: {error}") from None
    if not item.namespace and item.resource.namespaced:
        item.metadata.namespace = namespace
    if problems := refusals(item, lambda text: click.echo(f"Warning: {place}: {text}", err=True)):
        raise AuthoringError([f"{place}: {item.resource.kind} {item.key}: {problem}" for problem in problems])
    return item


def _chart(folder: str, values: str | None, name: str | None, namespace: str) -> list[KubeObject]:
    chart = load_chart(folder)
    given = _merged(chart.defaults, _only_mapping(_read(values), values) if values else {})
    registry = Registry.discover()
    release = Release(name or _release(registry, chart.name), namespace)
    model = registry.values.get(chart.name)
    if model is None:
        return chart.render_mapping(given, release)
    if "runtimeIdentity" in given:
        given["runtimeIdentity"] = {"namespace": release.namespace, "name": release.name}
    try:
        return chart.render(model.model_validate(given), release)
    except ValidationError as error:
        place = _shown(values) if values else folder
        problems = [f"{place}: {_path(problem['loc'])}: {problem['msg']}" for problem in error.errors()]
        raise AuthoringError(problems) from None


def _release(registry: Registry, chart: str) -> str:
    """What a chart is rendered for without a name: the type of the engine that has it, else its own name."""
    return next((one.runtime_type for one in registry.engines.values() if chart in one.values), chart)


def _merged(first: Mapping[str, JsonValue], second: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Mappings joined at every depth; where both have another value, the second counts."""
    merged = dict(first)
    for key, value in second.items():
        known = merged.get(key)
        both = isinstance(known, dict) and isinstance(value, dict)
        merged[key] = _merged(known, value) if both else value  # pyright: ignore[reportArgumentType] - just checked
    return merged


def _only_mapping(documents: Sequence[JsonValue], file: str | None) -> dict[str, JsonValue]:
    match documents:
        case []:
            return {}
        case [dict() as mapping]:
            return mapping
        case _:
            raise ValueError(f"{file}: has to be one mapping")


def _read(file: str) -> list[JsonValue]:
    try:
        return read_documents(_text(file))
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{_shown(file)}: {error}") from None


def _text(file: str) -> str:
    """A file, or as much of it as shows that it is too long: it may be a device without an end."""
    most = 4 * LONGEST_TEXT + 1  # bytes: a character has four at most
    if file == "-":
        return sys.stdin.buffer.read(most).decode("utf-8")
    with Path(file).open("rb") as stream:
        return stream.read(most).decode("utf-8")


def _printable(item: KubeObject) -> JsonValue:
    if problems := item.unknown_fields():
        raise ValueError(f"{item.resource.kind} {item.key}: unknown fields {', '.join(problems)}")
    if problems := invalid_parts(item):
        raise ValueError("\n".join(f"{item.resource.kind} {item.key}: {problem}" for problem in problems))
    return item.to_wire()


def _shown(file: str) -> str:
    return "standard input" if file == "-" else file


def _path(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location)


def _warn(warning: SpecWarning) -> None:
    click.echo(f"Warning: {warning.message}", err=True)


def _one_line_each(error: Exception) -> str:
    return "\n".join(_lines(str(error)))


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield "".join(character if character.isprintable() else repr(character)[1:-1] for character in line)
