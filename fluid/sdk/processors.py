"""Builders of what a DataProcess runs."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from fluid.models import ScriptProcessor


def script(
    source: str, image: str, *, command: Sequence[str] | None = None, env: Mapping[str, str] | None = None
) -> ScriptProcessor:
    """A script for a DataProcess; set what else it needs, such as `resources`, in what is returned.

    Args:
        source: Text of the script.
        image: Image that can run it, with its tag.
        command: What runs the script. Default is what the image says, else the script's own first line.
        env: Environment variables.

    Raises:
        AuthoringError: A value is malformed; the message says which.
    """
    fields: dict[str, JsonValue] = {"source": source, "image": image}
    if command is not None:
        fields["command"] = [*command]
    if env is not None:
        fields["env"] = [{"name": name, "value": value} for name, value in env.items()]
    written = ScriptProcessor.author(fields)
    repository, _, tag = image.rpartition(":")
    if repository and "/" not in tag and "@" not in image:  # else it is a port, or there is a digest
        written.image, written.image_tag = repository, tag
    return written
