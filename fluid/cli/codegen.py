"""`fluid codegen`: models, CRDs and reference pages from schemas, for distributions that bring kinds."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import click

NEEDED = ("datamodel_code_generator", "ruff")
"""The modules of the extra."""


def refuse_without(command: str, extras: Sequence[str], modules: Sequence[str]) -> None:
    """Fail with what to install where a module that extras bring is missing."""
    if any(find_spec(name) is None for name in modules):
        word = "extra" if len(extras) == 1 else "extras"
        install = f"pip install 'fluid-operator[{','.join(extras)}]'"
        raise click.ClickException(f"fluid {command} needs the {word} {' and '.join(extras)}: {install}")


@click.command("codegen")
@click.option(
    "--schemas",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder of OpenAPI 3.0 documents; they may refer to kubernetes.json and to Fluid's own files.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Package that gets the folders models, crds and docs.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name the files that differ.")
def command(schemas: Path, out: Path, check: bool) -> None:
    """Write models, CRDs and reference pages of the kinds that a folder of schemas describes."""
    refuse_without("codegen", ("codegen",), NEEDED)
    from fluid.codegen.output import drift, update

    try:
        if not check:
            update(schemas, out)
            return
        differing = drift(schemas, out)
    except (ValueError, LookupError, TypeError, OSError) as error:
        raise click.ClickException(str(error)) from None
    for path in differing:
        click.echo(f"{out / path} is not what the schemas say: run fluid codegen without --check", err=True)
    if differing:
        raise SystemExit(1)
