"""The base of every chart's values model."""

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_camel


class ChartValues(BaseModel):
    """What a chart's templates may read: typed, closed and spelled in camelCase like `values.yaml`."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )

    def to_values(self, *, computed: bool = True) -> dict[str, JsonValue]:
        """Write as the mapping that `values.yaml` holds; computed values are what templates see in addition."""
        return self.model_dump(mode="json", by_alias=True, exclude_computed_fields=not computed)
