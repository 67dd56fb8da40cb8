"""The command `fluid`."""

from importlib import import_module

import click

from fluid._version import __version__

_COMMANDS = {
    "codegen": "Write models, CRDs and reference pages of the kinds that schemas describe.",
    "csi": "Run the node plugin: volumes of this node for the kubelet.",
    "run": "Run the operator: all controllers in one process.",
    "manifests": "Print what an installation needs: CRDs, rights, Deployment, node plugin.",
    "new-engine": "Write a distribution with an engine of one's own, as a start.",
    "render": "Print the objects that a Dataset, its runtime and its data operations become.",
}
"""Commands and what they do; each is `command` in the module of its name (`_` for `-`), imported to run."""


class _Commands(click.Group):
    """Imports a command's module only when that command runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, sorted."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, if there is one."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"fluid.cli.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="fluid")
def main() -> None:
    """Datasets, cache runtimes and data operations on Kubernetes."""
