"""Compile programs of Go into folders of the cache, one module after the other, each with all cores.

One run of the compiler builds all programs of a folder: it compiles shared packages once, and links one
program while it compiles the next. It runs under `nice`, so that other work on the machine comes first.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cluster import packages
from cluster.cache import BuildError, artifact, cache_folder
from cluster.progress import Progress
from cluster.toolchain import go

_PULSE_SECONDS = 30.0
_NICE = 10
_MEBIBYTES = 1024
"""Memory in MiB for each package compiled in parallel: the largest packages of Kubernetes need that."""


@dataclass(frozen=True)
class Recipe:
    """A folder of the cache with programs, and how it is filled."""

    name: str
    """Name of the folder; it contains the version."""
    module: Path
    """The folder of `go.mod`."""
    programs: Mapping[str, str]
    """The package of each program, in the order in which they are wanted."""
    flags: str = ""
    """For the linker."""
    extra: Callable[[Path], None] | None = field(default=None, compare=False)
    """Puts further files into the folder."""

    @property
    def there(self) -> bool:
        """Whether it was built before."""
        return (cache_folder() / self.name).is_dir()


def compile_all(recipes: Sequence[Recipe]) -> list[Path]:
    """Build what is not in the cache yet, in the given order; return the folders.

    Raises:
        BuildError: no Go toolchain to be had, or a build failed.
    """
    wanted = [recipe for recipe in recipes if not recipe.there]
    progress = Progress(program for recipe in wanted for program in recipe.programs)
    progress.announce()
    folders: list[Path] = []
    for recipe in recipes:
        folders.append(artifact(recipe.name, partial(_fill, recipe, progress)))
        progress.drop(recipe.programs)
    return folders


def _fill(recipe: Recipe, progress: Progress, folder: Path) -> None:
    if packages.installable():
        try:
            packages.ensure(packages.COMPILE)
        except packages.PackageError as error:
            raise BuildError(str(error)) from error
    # A single program's package may be named otherwise; of several, the compiler takes the names.
    target = f"{folder}/" if len(recipe.programs) > 1 else str(folder / next(iter(recipe.programs)))
    command = [
        str(go()),
        "build",
        "-trimpath",
        *_parallel(),
        "-ldflags",
        f"-s -w{recipe.flags}",
        "-o",
        target,
    ]
    _run([*command, *recipe.programs.values()], recipe, folder, progress)
    if recipe.extra:
        recipe.extra(folder)


def _run(command: Sequence[str], recipe: Recipe, folder: Path, progress: Progress) -> None:
    """Run the compiler, and report each program that appears."""
    coming = list(recipe.programs)
    progress.begin()
    told = time.monotonic()
    with tempfile.TemporaryFile("w+") as errors:
        compiler = subprocess.Popen(
            ["nice", "-n", str(_NICE), *command],
            cwd=recipe.module,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
        try:
            while (code := _ended(compiler)) is None:
                for program in [name for name in coming if (folder / name).exists()]:
                    coming.remove(program)
                    progress.finish(program, more=bool(coming))
                    told = time.monotonic()
                if time.monotonic() - told > _PULSE_SECONDS:
                    progress.pulse()
                    told = time.monotonic()
        finally:
            if compiler.poll() is None:
                compiler.terminate()
                compiler.wait()
        if code != 0:
            errors.seek(0)
            raise BuildError(f"building {', '.join(coming)} failed:\n{errors.read().strip()[-2000:]}")
    for program in coming:
        progress.finish(program, more=program != coming[-1])


def _ended(compiler: "subprocess.Popen[bytes]") -> int | None:
    """Wait a little; its exit code once it has ended."""
    try:
        return compiler.wait(timeout=0.2)
    except subprocess.TimeoutExpired:
        return None


def _parallel() -> list[str]:
    """The compiler takes as many processors as it may use by itself; fewer where memory is short."""
    fitting = max(1, available() // _MEBIBYTES)
    return [f"-p={fitting}"] if fitting < (os.cpu_count() or 1) else []


def available(meminfo: Path = Path("/proc/meminfo")) -> int:
    """Mebibytes of memory that are free or can be freed; a large number if unknown."""
    lines = meminfo.read_text().splitlines() if meminfo.exists() else []
    return next((int(line.split()[1]) >> 10 for line in lines if line.startswith("MemAvailable:")), 1 << 30)


def environment() -> dict[str, str]:
    """The compiler's environment, without user settings that change the result."""
    return {
        **os.environ,
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOFLAGS": "-buildvcs=false",
    }
