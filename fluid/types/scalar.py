"""What the value types have in common: how pydantic reads and writes them."""

from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class Scalar:
    """A value that is one string or number on the wire."""

    __slots__ = ()

    @classmethod
    def _parse(cls, value: object) -> Self:
        """Read a value from the wire; raises ValueError for a malformed one."""
        raise NotImplementedError

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate by `_parse`, dump to JSON by `str`."""
        return core_schema.no_info_plain_validator_function(
            cls._parse,
            json_schema_input_schema=core_schema.str_schema(),
            serialization=core_schema.to_string_ser_schema(when_used="json"),
        )
