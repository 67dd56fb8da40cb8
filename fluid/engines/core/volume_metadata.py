"""Labels and annotations that a user adds to volume and claim: annotation `data.fluid.io/metadataList`.

A claim is the user's own. A PersistentVolume is the cluster's: other tools and the API server's own parts act
on its metadata, so only what an administrator allows gets there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError, model_validator

from fluid.engines.core.errors import InvalidSpec, SpecWarning, Whose
from fluid.naming import EXCLUSIVE, METADATA_LIST, NODE_PUBLISH_METHOD
from fluid.types import KubeObject

VOLUME, CLAIM = "PersistentVolume", "PersistentVolumeClaim"
SETTING = "FLUID_VOLUME_METADATA"
"""Environment variable of the operator: what volumes may carry, see `Allowed`."""
_FIELD = f"metadata.annotations[{METADATA_LIST}]"
_RESERVED = ("kubernetes.io", "k8s.io", "fluid.io")
"""Domains whose keys mean something to Kubernetes or to Fluid: never a user's."""
_NAME = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_DOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_KEY = re.compile(rf"(?=[^/]{{1,253}}/|[^/]*\Z)({_DOMAIN}/)?{_NAME}")
_VALUE = re.compile(rf"({_NAME})?")


@dataclass(frozen=True)
class Allowed:
    """Which keys of metadata a user may set on a PersistentVolume.

    Attributes:
        patterns: keys, all keys of a domain (`example.com/*`), all without a domain (`*`, the default,
            which Kubernetes calls private to the user), all but those of Kubernetes and Fluid (`*/*`).
    """

    patterns: tuple[str, ...] = ("*",)

    @classmethod
    def read(cls, setting: str) -> Self:
        """From the variable: patterns, separated by commas; `none` for nothing, "" for the default."""
        patterns = tuple(one.strip() for one in setting.split(",") if one.strip())
        return cls(() if patterns == ("none",) else patterns) if patterns else cls()

    def permits(self, key: str) -> bool:
        """Whether a user may set this label or annotation."""
        domain, slash, _ = key.rpartition("/")
        if key == NODE_PUBLISH_METHOD:
            return True
        if key == EXCLUSIVE or any(domain == one or domain.endswith(f".{one}") for one in _RESERVED):
            return False
        wanted = {key, f"{domain}/*", "*/*"} if slash else {key, "*", "*/*"}
        return not wanted.isdisjoint(self.patterns)


@dataclass(frozen=True)
class Added:
    """What a user adds to an object, and what is left out because nobody allows it."""

    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    refused: tuple[str, ...] = ()


class _AnyCase(BaseModel):
    """JSON whose own keys may be in any case, as the wire has always read them (`Labels`, `selector`)."""

    @model_validator(mode="before")
    @classmethod
    def _fold(cls, entry: JsonValue) -> JsonValue:
        return {key.lower(): value for key, value in entry.items()} if isinstance(entry, dict) else entry


class _Selector(_AnyCase):
    kind: str = ""
    group: str = ""


class _Metadata(_AnyCase):
    """One entry of the list."""

    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    selector: _Selector | None = None


_ENTRIES = TypeAdapter(list[_Metadata])


def added_metadata(runtime: KubeObject, kind: str, allowed: Allowed | None = None) -> Added:
    """What a runtime adds to its volume or claim.

    Args:
        runtime: has the annotation.
        kind: kind of the object.
        allowed: which keys it may set; None for all.

    Raises:
        InvalidSpec: The annotation is malformed, or names what no object can have.
    """
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    refused: dict[str, None] = {}
    for path, entry in _entries(runtime, kind):
        for name, wanted, found in (
            ("labels", entry.labels, labels),
            ("annotations", entry.annotations, annotations),
        ):
            for key, value in (wanted or {}).items():
                if allowed is not None and not allowed.permits(key):
                    refused[key] = None
                    continue
                _refuse_unwritable(f"{path}.{name}[{key[:80]!r}]", key, value if name == "labels" else "")
                found[key] = value
    return Added(labels, annotations, tuple(refused))


def metadata_warnings(runtime: KubeObject, allowed: Allowed) -> list[SpecWarning]:
    """What the user should know of metadata that the volume does not get; raises as `added_metadata` does."""
    refused = added_metadata(runtime, VOLUME, allowed).refused
    if not refused:
        return []
    shown = ", ".join(key[:80] for key in refused[:5]) + (
        f" and {len(refused) - 5} more" * (len(refused) > 5)
    )
    message = (
        f"{_FIELD}: the PersistentVolume, which is the cluster's, does not get {shown}; "
        f"an administrator can allow keys by {SETTING} of the operator"
    )
    return [SpecWarning("MetadataIgnored", message)]


def _refuse_unwritable(path: str, key: str, value: str) -> None:
    if not _KEY.fullmatch(key):
        raise InvalidSpec(Whose.RUNTIME, path, "is no key of a label or annotation", "Correct it")
    if not _VALUE.fullmatch(value):
        raise InvalidSpec(
            Whose.RUNTIME,
            path,
            f"{value[:80]!r} is no value of a label",
            "Use letters, digits, '-', '_' and '.'",
        )


def _entries(runtime: KubeObject, kind: str) -> Iterator[tuple[str, _Metadata]]:
    text = (runtime.metadata.annotations or {}).get(METADATA_LIST)
    if not text:
        return
    try:
        entries = _ENTRIES.validate_json(text)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = "".join(f"[{part}]" for part in problem["loc"])
        raise InvalidSpec(
            Whose.RUNTIME,
            f"{_FIELD}{where}",
            f"cannot be read: {problem['msg']}",
            'Write a JSON list such as [{"labels": {"a": "b"}, "selector": {"kind": "PersistentVolume"}}]',
        ) from None
    for index, entry in enumerate(entries):
        if entry.selector == _Selector(kind=kind):
            yield f"{_FIELD}[{index}]", entry
