"""The base of every chart's values model."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_camel


class ChartValues(BaseModel):
    """What a chart's templates may read: typed, closed and spelled in camelCase like `values.yaml`."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        defer_build=True,  # of base models and of engines that serve nothing no validator is built
    )

    def to_context(self) -> dict[str, JsonValue]:
        """Everything that templates may read: all values, and those that are computed from them."""
        return self.model_dump(mode="json", by_alias=True)

    def to_values(self) -> dict[str, JsonValue]:
        """What a `values.yaml` would have to say."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_computed_fields=True)
