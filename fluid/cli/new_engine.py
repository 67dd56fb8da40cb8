"""`fluid new-engine`: a distribution with an engine, to be made into one's own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from fluid.cli.codegen import NEEDED, refuse_without
from fluid.engines.core.registry import Registry
from fluid.kinds.installed import installed

_WRITE_GOLDEN = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--fluid-write-golden", "-k", "golden")
_TIMEOUT = 300.0
"""Seconds until the test that writes the golden files is given up."""


@click.command("new-engine")
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Folder in which engine-NAME is made.  [default: this one]",
)
def command(name: str, into: Path) -> None:
    """Write a distribution with an engine that works: the kind NameRuntime, its CRD, a chart, and tests.

    NAME is a DNS label, such as my-cache. The folder engine-NAME must not be there.
    """
    refuse_without("new-engine", ("codegen", "testing"), (*NEEDED, "pytest"))
    from fluid.codegen.new_engine import EngineName, refuse_taken, write_engine  # there only with the extra

    folder = into / f"engine-{name}"
    try:
        engine = EngineName.of(name)
        engines = Registry.discover().engines.values()
        types = {word for one in engines for word in (one.runtime_type, one.implementation)}
        refuse_taken(engine, {kind for _, kind in installed().models}, types)
        if os.path.lexists(folder):
            raise click.ClickException(f"{folder} exists: remove it, or choose another name or --into")
        with tempfile.TemporaryDirectory(prefix=".engine-", dir=into) as scratch:
            made = Path(scratch) / folder.name
            made.mkdir()
            write_engine(engine, made)
            _write_golden(made)
            made.rename(folder)
    except (ValueError, LookupError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{folder} has an engine that works and is tested; README.md says what is where")


def _write_golden(folder: Path) -> None:
    """Have the written tests keep what the engine makes of its examples: in a process that imports them."""
    nothing_left = {
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder.resolve().parent / ".hypothesis"),
    }
    environment = {**os.environ, **nothing_left}
    command = [sys.executable, *_WRITE_GOLDEN, "tests"]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise click.ClickException("the tests of the new engine do not end") from None
    if done.returncode:
        raise click.ClickException(f"the tests of the new engine fail:\n{done.stdout}{done.stderr}")
