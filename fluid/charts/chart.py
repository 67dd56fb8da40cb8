"""Loading a chart once and rendering it many times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
)
from pydantic import JsonValue

from fluid.charts import text
from fluid.charts.keyed import unique
from fluid.charts.kinds import typed
from fluid.charts.reader import read_documents
from fluid.charts.text import ChartError
from fluid.charts.values import ChartValues
from fluid.types import KubeObject
from fluid.types.yaml import load_yaml


@dataclass(frozen=True)
class Release:
    """A release in Helm's sense: the name and namespace that a chart is rendered for.

    Attributes:
        name: Name of the release; a runtime's own name.
        namespace: Namespace of all its objects.
        service: Value of the label ``heritage``, kept because selectors carry it.
    """

    name: str
    namespace: str
    service: str = "Helm"


class _Environment(Environment):
    """Reads keys of mappings as data, so that `Values.items` is a value and never a method."""

    def getattr(self, obj: object, attribute: str) -> object:
        """`obj.attribute` in a template."""
        return self.getitem(obj, attribute) if isinstance(obj, dict) else super().getattr(obj, attribute)


@dataclass(frozen=True)
class Chart:
    """A chart with its templates compiled.

    Attributes:
        name: Name in Chart.yaml.
        version: Version in Chart.yaml; it is part of labels and, for DaemonSets, of selectors.
        defaults: The content of values.yaml.
        files: Texts in `files/` that templates print, such as scripts.
        templates: Templates that make objects, by file name.
    """

    name: str
    version: str
    defaults: Mapping[str, JsonValue]
    files: Mapping[str, str]
    templates: Sequence[Template]

    def render(self, values: ChartValues, release: Release) -> list[KubeObject]:
        """The objects of a release, in the order of the template files.

        Raises:
            ChartError: A template reads what does not exist, or makes something that is no Kubernetes object.
        """
        return self.render_mapping(values.to_context(), release)

    def render_mapping(self, values: Mapping[str, JsonValue], release: Release) -> list[KubeObject]:
        """Like `render`, from values without a model, to try a chart by hand."""
        chart = {"name": self.name, "version": self.version}
        context = {"Values": values, "Release": vars(release), "Chart": chart, "Files": self.files}
        return [item for template in self.templates for item in self._objects(template, context)]

    def _objects(self, template: Template, context: Mapping[str, object]) -> list[KubeObject]:
        try:
            return [typed(unique(document)) for document in read_documents(template.render(context))]
        except (TemplateError, ChartError) as error:
            raise ChartError(f"chart {self.name}, template {template.name}: {error}") from error


def load_chart(name_or_path: str | Path) -> Chart:
    """A chart by its name among those that are shipped (the path of its folder there), or by its folder.

    Raises:
        ChartError: No such chart, or a file in it is malformed.
    """
    return _load(_folder(name_or_path))


def charts_folder() -> Path:
    """Where the shipped charts are: inside the installed wheel, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_charts"
    return installed if installed.is_dir() else package.parent / "charts"


def _folder(name_or_path: str | Path) -> Path:
    for folder in (charts_folder() / name_or_path, Path(name_or_path)):
        if (folder / "Chart.yaml").is_file():
            return folder.resolve()
    raise ChartError(f"no chart {name_or_path}: neither shipped nor a folder with Chart.yaml")


@lru_cache(maxsize=32)
def _load(folder: Path) -> Chart:
    about = _mapping(folder / "Chart.yaml")
    environment = _environment(folder / "templates")
    names = sorted(name for name in environment.list_templates(extensions=["yaml"]) if not _is_helper(name))
    try:
        templates = [environment.get_template(name) for name in names]
    except TemplateSyntaxError as error:
        raise ChartError(f"{folder}/templates/{error.name}, line {error.lineno}: {error}") from error
    return Chart(
        name=str(about.get("name")),
        version=str(about.get("version")),
        defaults=_mapping(folder / "values.yaml"),
        files={file.name: file.read_text(encoding="utf-8") for file in _files(folder / "files")},
        templates=tuple(templates),
    )


def _files(folder: Path) -> list[Path]:
    """The files without folders: an installed Python program has a folder of compiled files beside it."""
    return sorted(file for file in folder.glob("*") if file.is_file())


def _is_helper(name: str) -> bool:
    return name.startswith("library/") or Path(name).name.startswith("_")


def _mapping(file: Path) -> dict[str, JsonValue]:
    try:
        documents = load_yaml(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ChartError(f"{file}: {error}") from error
    match documents:
        case [dict() as mapping]:
            return mapping
        case []:
            return {}
        case _:
            raise ChartError(f"{file}: has to be one mapping")


def _environment(templates: Path) -> Environment:
    library = PrefixLoader({"library": FileSystemLoader(charts_folder() / "library" / "templates")})
    environment = _Environment(
        loader=ChoiceLoader([FileSystemLoader(templates), library]),
        undefined=StrictUndefined,
        autoescape=True,  # with `finalize` below: whatever a template prints is one YAML scalar
        finalize=text.printed,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters.update(
        quote=text.quote,
        to_yaml=text.to_yaml,
        tojson=text.to_yaml,
        text=text.text,
        ini=text.ini,
        xml=text.xml,
        merge=text.merge,  # pyright: ignore[reportArgumentType] - a filter may have any signature
        field=text.field,
        json_text=text.json_text,
    )
    return environment
