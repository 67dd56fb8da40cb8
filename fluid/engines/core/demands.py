"""What the objects of a kind demand of nodes, as CEL expressions: `object` is what is written.

The API server judges these by the runtime policies when a user writes an object. Most is found in the model
of the kind (`spec_demands`); a registration adds what only its engine knows, such as what an absent field
means. What cannot be said here, the operator judges on the pods that it would make (`policy_check`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

IMAGES, PATHS, HOST_PID, HOST_NETWORK, PRIVILEGED, CRITICAL, OVERRIDDEN = (
    *("images", "paths", "hostPID", "hostNetwork", "privileged", "critical", "overridden"),
)
"""Variables by which a kind says what an object demands: lists of texts for images, paths, priority classes
of the system and overridden fields, booleans for the others."""
_TRUE = "['true', '1', 't']"


@dataclass(frozen=True)
class Demands:
    """What an object of a kind demands of nodes.

    Attributes:
        variables: CEL expressions by the name of what is demanded, such as `IMAGES`, and others by names of
            their own, which later expressions read as ``variables.NAME``.
        annotations: Annotations that demand something: a change of one is judged.
    """

    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: tuple[str, ...] = ()

    def with_more(self, more: "Demands") -> "Demands":
        """These, with others in place of those that have the same name."""
        annotations = (*self.annotations, *more.annotations)
        return Demands({**self.variables, **more.variables}, tuple(dict.fromkeys(annotations)))


def annotation(name: str, of: str = "object") -> str:
    """The value of an annotation in lower case; '' without it."""
    return f"{of}.metadata.?annotations[?'{name}'].orValue('').lowerAscii()"


def annotated(name: str) -> str:
    """Whether an annotation says yes."""
    return f"{annotation(name)} in {_TRUE}"


def versioned(components: str) -> str:
    """Images of components that have repository and tag apart; a tag alone is judged by the operator."""
    tag = "(has(one.imageTag) && one.imageTag != '' ? ':' + one.imageTag : '')"
    return f"{components}.filter(one, has(one.image) && one.image != '').map(one, one.image + {tag})"


def volume_images(volumes: str) -> str:
    """Images that are mounted as volumes."""
    return f"{volumes}.filter(one, has(one.image)).map(one, one.image.?reference.orValue(''))"


def volume_paths(volumes: str) -> str:
    """Directories of nodes among volumes."""
    return f"{volumes}.filter(one, has(one.hostPath)).map(one, one.hostPath.path)"


def tier_paths(levels: str) -> str:
    """Directories of nodes in which tiers keep data."""
    return (
        f"{levels}.filter(one, has(one.path) && one.?volumeType.orValue('') != 'emptyDir').map(one, one.path)"
        ".join(',').split(',').map(one, one.trim()).filter(one, one != '')"
    )


def set_fields(components: str, names: Iterable[str]) -> str:
    """Which of some fields any of the components has."""
    return " + ".join(f"({components}.exists(one, has(one.{name})) ? ['{name}'] : [])" for name in names)


def together(parts: Iterable[str], by: str) -> str:
    """Expressions put together by an operator."""
    return f" {by} ".join(parts)
