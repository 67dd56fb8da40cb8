"""The base class of all generated models."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import ClassVar, Self, cast

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import to_json

from fluid.types.yaml import dump_yaml

JsonObject = dict[str, JsonValue]
"""An object whose fields only its owner knows."""


class AuthoringError(ValueError):
    """A document that its author has to correct; one problem a line, each with its field path.

    Attributes:
        problems: Lines such as ``spec.mounts[0].mountpoint: unknown field; did you mean mountPoint?``.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class KubeModel(BaseModel):
    """One object of a Kubernetes document, or a part of one.

    `model_validate` reads leniently: unknown fields are kept and written back. `author` and `to_yaml` refuse
    them. Fields are read and written under their wire names, and can be constructed by their Python names.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        extra="allow",
        defer_build=True,  # most processes use a fifth of the models: build validators at first use
    )

    @classmethod
    def author(cls, data: Mapping[str, JsonValue]) -> Self:
        """Read what a person wrote.

        Raises:
            AuthoringError: A field is unknown, missing or malformed; all problems at once.
        """
        try:
            # JSON in strict mode is what the API server accepts: no "3" for 3, no Python names
            model = cls.model_validate_json(to_json(data), strict=True, by_alias=True, by_name=False)
        except ValidationError as error:
            raise AuthoringError(_problems(error)) from None
        model._refuse_unknown_fields()
        return model

    def unknown_fields(self) -> list[str]:
        """Paths of the fields that the schema does not know, such as ``spec.mounts[0].mountpoint``."""
        return [path for path, _ in _unknown(self, "")]

    def _refuse_unknown_fields(self) -> None:
        if problems := [f"{path}: unknown field{hint}" for path, hint in _unknown(self, "")]:
            raise AuthoringError(problems)

    def to_wire(self) -> dict[str, JsonValue]:
        """The fields that were set, as the API server spells them. Fields that are None are left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)

    def to_yaml(self) -> str:
        """Write as one YAML document.

        Raises:
            AuthoringError: A field is unknown to the schema.
        """
        self._refuse_unknown_fields()
        return dump_yaml(self.to_wire())


def _unknown(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Path of each unknown field below a value, with a hint at the field that was probably meant."""
    if isinstance(value, KubeModel):
        names = {name: field.alias or to_camel(name) for name, field in type(value).model_fields.items()}
        for name in value.model_extra or {}:
            folded = {alias.lower(): alias for alias in names.values()}
            meant = [folded[near] for near in get_close_matches(name.lower(), folded, n=1)]
            yield _join(path, name), f"; did you mean {meant[0]}?" if meant else ""
        for name in filter(value.model_fields_set.__contains__, names):
            yield from _unknown(getattr(value, name), _join(path, names[name]))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield from _unknown(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in cast("dict[str, object]", value).items():
            yield from _unknown(item, _join(path, key))


def _problems(error: ValidationError) -> list[str]:
    problems: list[str] = []
    for detail in error.errors(include_url=False):
        path = ""
        for part in detail["loc"]:
            path = f"{path}[{part}]" if isinstance(part, int) else _join(path, part)
        message = detail["msg"].removeprefix("Value error, ")
        problems.append(f"{path or 'document'}: {message[:1].lower()}{message[1:]}")
    return problems


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
