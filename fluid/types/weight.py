"""Estimates the serialized size of a value without serializing it."""

from collections.abc import Iterator, Sequence
from typing import cast

from pydantic import BaseModel


def weight(value: object, enough: int) -> int:
    """Characters of all texts in a value, and one for each entry; counting stops above `enough`.

    The JSON of the value has at least as many bytes. Nothing is copied.
    """
    found, rest = 0, [iter((value,))]
    while rest and found <= enough:
        for item in rest[-1]:
            found += 1
            if isinstance(item, str):
                found += len(item)
            elif (parts := _parts(item)) is not None:
                rest.append(parts)
                break
            if found > enough:
                break
        else:
            rest.pop()
    return found


def _parts(value: object) -> Iterator[object] | None:
    if isinstance(value, BaseModel):
        fields = (getattr(value, name) for name in type(value).model_fields)
        return (part for part in (*fields, value.model_extra) if part)
    if isinstance(value, dict):
        mapping = cast("dict[str, object]", value)
        return (part for entry in mapping.items() for part in entry)
    if isinstance(value, list | tuple):
        return iter(cast("Sequence[object]", value))
    return None
