"""What the API server refuses of a rendered object, although its types are right: names, labels, operators.

Of the checks that Kubernetes has for pods these are the ones that a spec of a runtime or of an operation
reaches: what a user writes there goes into a pod template, and nobody looks at it before that is sent.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from pydantic import JsonValue

from fluid.types import KubeObject

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_SHORT = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?")
_KEY = re.compile(r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]")
_FILE = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_SELECTING = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
_EFFECTS = ("", "NoSchedule", "PreferNoSchedule", "NoExecute")
_SHOWN, _LONGEST_SCHEDULE = 60, 4096
_SCHEDULE = re.compile(
    r"@(yearly|annually|monthly|weekly|daily|midnight|hourly)|"
    r"[-0-9A-Za-z*/,?]+( +[-0-9A-Za-z*/,?]+){4}"
)
Check = Callable[[JsonValue], Iterator[tuple[str, str]]]


def invalid_parts(item: KubeObject) -> list[str]:
    """A line for each part that would be refused, such as ``spec.template.metadata.labels[a b]: is no …``."""
    problems = [] if _NAME.fullmatch(item.name) else [f"metadata.name: {item.name[:_SHOWN]!r} is no name"]
    return [*problems, *_walk(item.to_wire(), "")]


def _walk(value: JsonValue, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from _walk(one, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, one in value.items():
            inner = f"{path}.{name}" if path else name
            check = _CHECKS.get(name)
            found = [f"{inner}{where}: {what}" for where, what in check(one)] if check else []
            yield from found or _walk(one, inner)


def _labels(value: JsonValue) -> Iterator[tuple[str, str]]:
    for key, text in _entries(value):
        if not _KEY.fullmatch(key):
            yield f"[{key[:_SHOWN]}]", "is no key of a label"
        elif not isinstance(text, str) or not _VALUE.fullmatch(text):
            yield f"[{key}]", f"{str(text)[:_SHOWN]!r} is no value of a label"


def _annotations(value: JsonValue) -> Iterator[tuple[str, str]]:
    for key, _ in _entries(value):
        if not _KEY.fullmatch(key.lower()):
            yield f"[{key[:_SHOWN]}]", "is no key of an annotation"


def _data(value: JsonValue) -> Iterator[tuple[str, str]]:
    for key, _ in _entries(value):
        if not _FILE.fullmatch(key):
            yield f"[{key[:_SHOWN]}]", "is no key of a ConfigMap"


def _tolerations(value: JsonValue) -> Iterator[tuple[str, str]]:
    for index, one in _items(value):
        operator, key, effect = (str(one.get(name) or "") for name in ("operator", "key", "effect"))
        if operator not in ("", "Equal", "Exists"):
            yield f"[{index}].operator", f"{operator[:_SHOWN]!r} is neither Equal nor Exists"
        elif not key and operator != "Exists":
            yield f"[{index}].operator", "has to be Exists where there is no key"
        elif operator == "Exists" and one.get("value"):
            yield f"[{index}].value", "has to be empty with the operator Exists"
        if key and not _KEY.fullmatch(key):
            yield f"[{index}].key", f"{key[:_SHOWN]!r} is no key of a taint"
        if effect not in _EFFECTS:
            yield f"[{index}].effect", f"{effect[:_SHOWN]!r} is no effect of a taint"


def _expressions(value: JsonValue) -> Iterator[tuple[str, str]]:
    for index, one in _items(value):
        key, operator, values = str(one.get("key") or ""), one.get("operator"), one.get("values") or []
        if not _KEY.fullmatch(key):
            yield f"[{index}].key", f"{key[:_SHOWN]!r} is no key of a label"
        if operator not in _SELECTING:
            yield f"[{index}].operator", f"{str(operator)[:_SHOWN]!r} is none of {', '.join(_SELECTING)}"
        for text in values if isinstance(values, list) else []:
            if not isinstance(text, str) or not _VALUE.fullmatch(text):
                yield f"[{index}].values", f"{str(text)[:_SHOWN]!r} is no value of a label"
        if operator in ("In", "NotIn") and not values:
            yield f"[{index}].values", f"is empty with the operator {operator}"


def _volumes(value: JsonValue) -> Iterator[tuple[str, str]]:
    for index, one in _items(value):
        name = str(one.get("name") or "")
        if not _SHORT.fullmatch(name):
            yield f"[{index}].name", f"{name[:_SHOWN]!r} is no name of a volume"


def _commands(value: JsonValue) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and not value.get("command"):
        yield ".command", "is missing"


def _probe(value: JsonValue) -> Iterator[tuple[str, str]]:
    probe = dict(_entries(value))
    for name, number in probe.items():
        if isinstance(number, int) and number < 0:
            yield f".{name}", f"{number} is below 0"
    if len(probe.keys() & {"exec", "httpGet", "tcpSocket", "grpc"}) != 1:
        yield "", "has to have one of exec, httpGet, tcpSocket and grpc"
    if "exec" in probe and not dict(_entries(probe["exec"])).get("command"):
        yield ".exec.command", "is missing"


def _pod(value: JsonValue) -> Iterator[tuple[str, str]]:
    """Mounts of volumes that the pod does not have; nothing for a spec that is none of a pod."""
    spec = dict(_entries(value))
    volumes = {str(one.get("name")) for _, one in _items(spec.get("volumes"))}
    for name in ("containers", "initContainers"):
        for index, container in _items(spec.get(name)):
            for at, mount in _items(container.get("volumeMounts")):
                wanted = str(mount.get("name"))
                if wanted not in volumes:
                    place = f".{name}[{index}].volumeMounts[{at}].name"
                    yield place, f"there is no volume {wanted[:_SHOWN]!r}"


def _schedule(value: JsonValue) -> Iterator[tuple[str, str]]:
    text = str(value)[:_LONGEST_SCHEDULE].strip()
    if not _SCHEDULE.fullmatch(text) and not text.startswith("@every "):
        yield "", f"{text[:_SHOWN]!r} is no cron expression of five fields, such as '0 2 * * *'"


def _entries(value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    return iter(value.items() if isinstance(value, dict) else ())


def _items(value: JsonValue) -> Iterator[tuple[int, dict[str, JsonValue]]]:
    items = value if isinstance(value, list) else []
    return ((index, one) for index, one in enumerate(items) if isinstance(one, dict))


_CHECKS: Mapping[str, Check] = {
    "labels": _labels,
    "matchLabels": _labels,
    "nodeSelector": _labels,
    "annotations": _annotations,
    "data": _data,
    "tolerations": _tolerations,
    "matchExpressions": _expressions,
    "volumes": _volumes,
    "exec": _commands,
    "schedule": _schedule,
    "spec": _pod,
    "livenessProbe": _probe,
    "readinessProbe": _probe,
    "startupProbe": _probe,
}
"""The check of a field, by its name, wherever it stands in an object."""
