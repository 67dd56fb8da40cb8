"""Folders of nodes that users name for their pods: which can be mounted, and which are allowed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import normpath
from typing import Annotated

from pydantic import Field, JsonValue

from fluid.charts.text import has_control
from fluid.models import LabelSelector, LabelSelectorRequirement
from fluid.types.model import KubeModel
from fluid.types.yaml import load_yaml


def host_path_problem(path: str, allowed: Iterable[str] | None = None) -> str | None:
    """Why a folder of a node cannot be mounted, as the rest of a sentence about it; None if it can.

    Args:
        path: as the user wrote it.
        allowed: folders at or below which it has to be; None for anywhere but the root.
    """
    if not path.startswith("/"):
        return "is no absolute path"
    if ".." in path.split("/"):
        return "has '..'"
    if ":" in path or has_control(path):
        return "has a colon or a control character"
    if is_within(path, "/") and is_within("/", path):
        return "is the root of the node"
    if allowed is not None and not any(is_within(path, one) for one in allowed):
        return "is not below a folder that the administrator allows"
    return None


def is_within(path: str, folder: str) -> bool:
    """Whether an absolute path is a folder or below it, however both are spelled."""
    below, above = _parts(path), _parts(folder)
    return below[: len(above)] == above


def _parts(path: str) -> list[str]:
    return [part for part in normpath(path).split("/") if part]


LONGEST_FILE = 256 * 1024
"""Characters of a policy file: it has to fit into a ConfigMap, with what is made of it."""
MOST_POLICIES, MOST_ENTRIES, LONGEST_ENTRY = 32, 64, 512
NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""Label that every namespace has: its own name."""
TEMPLATE_FIELDS = (
    "image",
    "imageTag",
    "command",
    "args",
    "env",
    "lifecycle",
    "livenessProbe",
    "readinessProbe",
    "volumeMounts",
)
"""What a component of a runtime can say of its container, in place of its profile or beside it."""
OVERRIDES = frozenset({*TEMPLATE_FIELDS, "volumes"})
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?")
_PATH = re.compile(r"/|(/[^/\s]+)+/?")
_IMAGE = re.compile(r"[^\s,/][^\s,]*")
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


class InvalidPolicy(ValueError):  # noqa: N818 - a message for the administrator, one problem a line
    """A policy file cannot be used; the message has one problem a line, each with its field path."""


class RuntimePolicy(KubeModel):
    """The rules for the namespaces that a selector selects."""

    name: str
    """Name of the policy, for messages and for the names of its objects: at most 40 characters."""
    namespace_selector: LabelSelector | None = None
    """Labels of the namespaces; all namespaces if absent."""
    required_profile: bool = False
    """Whether runtimes whose kind has profiles have to name one, and leave what runs in their pods to it."""
    profile_overrides: list[str] = Field(default_factory=list[str])
    """Fields that such a runtime may set all the same beside a required profile."""
    allowed_images: list[str] | None = None
    """Images: `registry/folder/` and all below, `registry/repository` in any version, or one version."""
    allowed_host_paths: list[str] | None = None
    """Directories of nodes; each with everything below."""
    host_pid: Annotated[bool, Field(alias="hostPID")] = True
    """Whether pods may see their node's processes."""
    host_network: bool = True
    """Whether pods may use their node's network."""
    privileged: bool = True
    """Whether other pods than FUSE clients may be privileged, or go beyond the level `baseline`."""
    critical_pods: bool = True
    """Whether pods may have a priority of the system. Without it, FUSE pods get none from the operator."""


class _File(KubeModel):
    """A policy file."""

    policies: list[RuntimePolicy]


@dataclass(frozen=True)
class RuntimePolicies:
    """All policies of an installation; without any, everything is allowed."""

    policies: Sequence[RuntimePolicy] = field(default_factory=tuple[RuntimePolicy, ...])
    text: str = ""
    """The file that says them."""

    def of(self, labels: Mapping[str, str]) -> tuple[RuntimePolicy, ...]:
        """The policies that select a namespace with these labels."""
        return tuple(one for one in self.policies if selects(one.namespace_selector, labels))

    @property
    def reads_namespaces(self) -> bool:
        """Whether the labels of a namespace, beside its name, decide."""
        return any(key != NAMESPACE_NAME for one in self.policies for key in _keys(one.namespace_selector))


def selects(selector: LabelSelector | None, labels: Mapping[str, str]) -> bool:
    """Whether a selector selects something with these labels; none selects everything."""
    if selector is None:
        return True
    wanted = (selector.match_labels or {}).items()
    return wanted <= dict(labels).items() and all(
        _holds(one, labels) for one in selector.match_expressions or ()
    )


def read_policies(text: str) -> RuntimePolicies:
    """The policies of a file.

    Raises:
        InvalidPolicy: It is not a policy file; no rule of it is to be taken for absent.
    """
    if len(text) > LONGEST_FILE:
        raise InvalidPolicy(f"is longer than {LONGEST_FILE} characters: write shorter lists")
    try:
        documents = load_yaml(text)
    except (ValueError, RecursionError) as error:
        raise InvalidPolicy(str(error) or "is nested too deeply") from None
    match documents:
        case [dict() as document]:
            return RuntimePolicies(tuple(_checked(document)), text)
        case _:
            raise InvalidPolicy("has to be one YAML mapping with `policies`")


def _checked(document: Mapping[str, JsonValue]) -> list[RuntimePolicy]:
    try:
        policies = _File.author(document).policies
    except ValueError as error:  # what its author has to correct, or an alias that holds itself
        raise InvalidPolicy(str(error)) from None
    problems = [f"policies: has more than {MOST_POLICIES} entries"] if len(policies) > MOST_POLICIES else []
    names = [one.name for one in policies]
    for index, policy in enumerate(policies):
        problems += [f"policies[{index}].{problem}" for problem in _problems(policy)]
        if policy.name in names[:index]:
            problems.append(f"policies[{index}].name: {policy.name} stands there twice")
    if problems:
        raise InvalidPolicy("\n".join(problems[:20]))
    for policy in policies:
        if policy.allowed_host_paths is not None:
            policy.allowed_host_paths = [path.rstrip("/") or "/" for path in policy.allowed_host_paths]
    return policies


def _problems(policy: RuntimePolicy) -> list[str]:
    found: list[str] = []
    if not _NAME.fullmatch(policy.name):
        found.append("name: use at most 40 lower-case letters, digits and dashes")
    lists = {
        "profileOverrides": (policy.profile_overrides, OVERRIDES.__contains__, f"one of {_known()}"),
        "allowedImages": (policy.allowed_images or [], _is_image, "an image, or its beginning up to a /"),
        "allowedHostPaths": (policy.allowed_host_paths or [], is_plain, "an absolute path without '..'"),
    }
    for name, (entries, holds, what) in lists.items():
        if len(entries) > MOST_ENTRIES:
            found.append(f"{name}: has more than {MOST_ENTRIES} entries")
        bad = [one for one in entries if len(one) > LONGEST_ENTRY or not holds(one)]
        found += [f"{name}: {one[:80]!r} is not {what}" for one in bad[:3]]
    for one in (policy.namespace_selector.match_expressions if policy.namespace_selector else None) or ():
        if one.operator not in _OPERATORS or bool(one.values) != (one.operator in ("In", "NotIn")):
            found.append(f"namespaceSelector.matchExpressions: {one.key} {one.operator} cannot be followed")
    return found


def is_plain(path: str) -> bool:
    """Whether a path is absolute and spelled without detours; a slash at its end does not matter."""
    return _PATH.fullmatch(path) is not None and not {".", ".."} & {*path.split("/")}


def _is_image(text: str) -> bool:
    return _IMAGE.fullmatch(text) is not None


def _known() -> str:
    return ", ".join(sorted(OVERRIDES))


def _keys(selector: LabelSelector | None) -> list[str]:
    if selector is None:
        return []
    return [*(selector.match_labels or {}), *(one.key for one in selector.match_expressions or ())]


def _holds(one: LabelSelectorRequirement, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(one.key), one.values or ()
    match one.operator:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None
