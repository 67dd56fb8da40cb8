"""Plain credentials: what becomes of one that a user writes into `options` in place of a Secret."""

from collections.abc import Iterator

from pydantic import JsonValue

from fluid.engines.core.settings import Settings
from fluid.engines.kit.credential_names import names_key_id
from fluid.engines.testing.examples import Example, spec_of
from fluid.engines.testing.rendering import Made, Make, attempt
from fluid.engines.testing.structure import texts
from fluid.models import Dataset
from fluid.types import JsonObject

PLANTED = "planted-credential"
"""What the user writes."""


def exposed(example: Example, registered: Make, settings: Settings) -> Iterator[str]:
    """Credentials of the example that would be in objects without a warning, were they written plainly."""
    for index, name, spec in _plainly(spec_of(example, Dataset)):
        made = attempt(registered, example.with_spec(Dataset, spec), settings)
        if isinstance(made, Made) and not made.warnings:
            where = [
                f"{one.resource.kind} {one.key}"
                for one in made.objects
                if any(PLANTED in text for text in texts([one]))
            ]
            if where:
                yield (
                    f"example {example.name}, Dataset spec.mounts[{index}].options[{name}]: a credential"
                    " that is"
                    f" written there is in {', '.join(where)}, and nobody is told. Refuse it with"
                    " InvalidSpec, or"
                    " return a SpecWarning that asks for encryptOptions."
                )


def _plainly(spec: JsonValue) -> Iterator[tuple[int, str, JsonObject]]:
    """The spec with one credential in the options of its mount in place of its Secret, for each but ids."""
    mounts = spec.get("mounts") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(mounts, list):
        return
    for index, mount in enumerate(mounts):
        secret = mount.get("encryptOptions") if isinstance(mount, dict) else None
        for option in secret if isinstance(secret, list) else ():
            if isinstance(mount, dict) and isinstance(option, dict):
                name, options = str(option.get("name")), mount.get("options")
                if names_key_id(name):
                    continue
                plain: JsonObject = {**(options if isinstance(options, dict) else {}), name: PLANTED}
                rest: JsonObject = {key: one for key, one in mount.items() if key != "encryptOptions"}
                changed: list[JsonValue] = [*mounts]
                changed[index] = {**rest, "options": plain}
                yield index, name, {**spec, "mounts": changed}
