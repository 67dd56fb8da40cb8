"""Writing the distribution of a new engine: schema, what is generated from it, engine, chart, tests."""

import keyword
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fluid.codegen.output import update

TEMPLATES = Path(__file__).parent / "engine_templates"
"""The files, with PACKAGE and MODULE in their paths; they print in `[[ ]]`, as `{{ }}` is for charts."""
_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LONGEST = 30
"""Characters of a name: labels of pods and nodes are made of it, and have 63."""


@dataclass(frozen=True)
class EngineName:
    """Everything that a distribution calls by the name of its engine, such as `my-cache`."""

    name: str

    @classmethod
    def of(cls, name: str) -> "EngineName":
        """The names that follow from one.

        Raises:
            ValueError: It is no DNS label, too long, or a word that Python keeps for itself.
        """
        if not _NAME.fullmatch(name) or len(name) > _LONGEST:
            raise ValueError(
                f"{name[:80]!r} is no name: use at most {_LONGEST} lower-case letters, digits and dashes,"
                " starting with a letter and not ending in a dash"
            )
        if keyword.iskeyword(name):
            raise ValueError(f"{name!r} is a keyword of Python: choose another name")
        return cls(name)

    @property
    def title(self) -> str:
        """Beginning of class names, such as `MyCache`."""
        return "".join(part.capitalize() for part in self.name.split("-"))

    @property
    def kind(self) -> str:
        """Kind of the runtimes, such as `MyCacheRuntime`."""
        return f"{self.title}Runtime"

    @property
    def runtime_type(self) -> str:
        """Type in a Dataset's status, such as `mycache`: the kind without "Runtime", in lower case."""
        return self.title.lower()

    @property
    def package(self) -> str:
        """Python package, such as `fluid_my_cache`."""
        return f"fluid_{self.name.replace('-', '_')}"

    def context(self) -> Mapping[str, str]:
        """What templates may print."""
        module = self.kind.lower()
        return {
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            "module": module,
            "plural": f"{module}s",
            "runtime_type": self.runtime_type,
            "package": self.package,
            "distribution": f"fluid-engine-{self.name}",
        }


def refuse_taken(name: EngineName, kinds: Collection[str], types: Collection[str]) -> None:
    """Make sure that nothing that is installed has the kind, type or implementation of a new engine.

    Raises:
        ValueError: Something has.
    """
    if name.kind in kinds or name.runtime_type in types:
        raise ValueError(f"{name.name!r}: {name.kind} is installed already, choose another name")


def write_engine(name: EngineName, folder: Path) -> None:
    """Write the distribution into a folder that is empty, all but its golden files.

    Raises:
        ValueError: Fluid has a schema that is called like one of the engine's.
        OSError: A file cannot be written.
    """
    context = name.context()
    for path, text in _rendered(context):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    update(folder / "schemas", folder / name.package)


def _rendered(context: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The path and the text of each file."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        keep_trailing_newline=True,
    )
    for template in sorted(environment.list_templates()):
        path = template.removesuffix(".jinja").replace("PACKAGE", context["package"])
        yield path.replace("MODULE", context["module"]), environment.get_template(template).render(context)
