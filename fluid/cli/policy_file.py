"""The option `--runtime-policy FILE`."""

from pathlib import Path

import click

from fluid.engines.core.runtime_policy import InvalidPolicy, RuntimePolicies, read_policies


class PolicyFile(click.ParamType[RuntimePolicies]):
    """A file with runtime policies."""

    name = "FILE"

    def convert(
        self, value: str | RuntimePolicies, param: click.Parameter | None, ctx: click.Context | None
    ) -> RuntimePolicies:
        """Read the policies: a file that cannot be read allows nothing, so it ends the command."""
        if isinstance(value, RuntimePolicies):
            return value
        try:
            return read_policies(Path(value).read_text(encoding="utf-8"))
        except OSError as error:
            self.fail(f"{value}: {error.strerror}", param, ctx)
        except InvalidPolicy as error:
            self.fail("\n".join(f"{value}: {line}" for line in str(error).splitlines()), param, ctx)
        except UnicodeDecodeError:
            self.fail(f"{value}: is no text in UTF-8", param, ctx)
