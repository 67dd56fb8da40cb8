"""The CEL rules of the CRDs in Python, by their text: what they say of a new object.

There are few, and an evaluator of CEL would be a compiled library that everybody who installs Fluid needs.
A rule that is added or changed in `schemas/` is missing here until it is written down; a test says so.
"""

import re
from collections.abc import Callable, Mapping

from pydantic import JsonValue

Rule = Callable[[JsonValue], bool]
_NAME = "[a-z]([-a-z0-9]*[a-z0-9])?"
_NO_ROOM = "(^|,)(-|[+]?[0.]+([^0-9.]|$))"
_UNITS = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei", *"numkMGTPE")
_NOTHING = ("0", "0.0", *(f"0{unit}" for unit in _UNITS))
_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_MATCHES = f"self.metadata.name.matches('^{_NAME}$')"


def _at(value: JsonValue, *path: str) -> JsonValue:
    """What is at a path below a value; None where something on the way is missing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _entries(value: JsonValue) -> int:
    """How many entries a list in a string has, separated by commas; a missing one stands for one."""
    return str(value).count(",") + 1 if value is not None else 1


def _is_named(most: int) -> Rule:
    def check(item: JsonValue) -> bool:
        name = str(_at(item, "metadata", "name") or "")
        return len(name) <= most and re.fullmatch(_NAME, name) is not None

    return check


def _is_short_for_cron(most: int) -> Rule:
    def check(item: JsonValue) -> bool:
        return _at(item, "spec", "policy") != "Cron" or len(str(_at(item, "metadata", "name") or "")) <= most

    return check


def _is_named_for_its_workers(runtime: JsonValue) -> bool:
    return _is_named(45 if _at(runtime, "spec", "worker", "enabled") else 63)(runtime)


def _is_alone_if_reference(mounts: JsonValue) -> bool:
    addresses = [str(_at(mount, "mountPoint")) for mount in mounts] if isinstance(mounts, list) else []
    return len(addresses) == 1 or not any(address.startswith("dataset://") for address in addresses)


def _is_told_apart(mounts: JsonValue) -> bool:
    unnamed = [
        mount
        for mount in (mounts if isinstance(mounts, list) else [])
        if not _at(mount, "name") and not str(_at(mount, "path") or "").startswith("/")
    ]
    return len(unnamed) <= 1


def _are_access_modes(modes: JsonValue) -> bool:
    listed = modes if isinstance(modes, list) else []
    return all(mode in _MODES for mode in listed) and (len(listed) == 1 or _MODES[-1] not in listed)


def _names_its_secret(option: JsonValue) -> bool:
    secret = _at(option, "valueFrom", "secretKeyRef")
    return all((_at(option, "name"), _at(secret, "name"), _at(secret, "key")))


def _has_capacity(tier: JsonValue) -> bool:
    return _at(tier, "quota") is not None or _at(tier, "quotaList") is not None


def _has_a_quota_for_each_path(tier: JsonValue) -> bool:
    quotas = _at(tier, "quotaList")
    return quotas is None or _entries(quotas) == _entries(_at(tier, "path"))


def _has_room(tier: JsonValue) -> bool:
    quota, listed = _at(tier, "quota"), _at(tier, "quotaList")
    if isinstance(quota, int):
        return quota > 0 and _each_has_room(listed)
    return not str(quota).startswith("-") and quota not in _NOTHING and _each_has_room(listed)


def _each_has_room(quotas: JsonValue) -> bool:
    return quotas is None or re.search(_NO_ROOM, str(quotas)) is None


def _has_a_schedule_for_cron(spec: JsonValue) -> bool:
    return _at(spec, "policy") != "Cron" or bool(_at(spec, "schedule"))


def _is_a_clean_policy(text: JsonValue) -> bool:
    return text in ("", "OnRuntimeDeleted", "OnDemand", "OnFuseChanged")


RULES: Mapping[str, Rule] = {
    **{
        f"oldSelf.hasValue() || size(self.metadata.name) <= {most} && {_MATCHES}": _is_named(most)
        for most in (63, 52, 49, 45, 38, 37)
    },
    **{
        "!has(self.spec) || !has(self.spec.policy) || self.spec.policy != 'Cron' || "
        f"size(self.metadata.name) <= {most} || "
        "oldSelf.hasValue() && oldSelf.value().?spec.?policy.orValue('') == 'Cron'": _is_short_for_cron(most)
        for most in (41, 38)
    },
    f"oldSelf.hasValue() || {_MATCHES} && size(self.metadata.name) <= "
    "(has(self.spec) && has(self.spec.worker) && has(self.spec.worker.enabled) && "
    "self.spec.worker.enabled ? 45 : 63)": _is_named_for_its_workers,
    "self.size() == 1 || !self.exists(mount, mount.mountPoint.startsWith('dataset://'))": (
        _is_alone_if_reference
    ),
    "self.filter(mount, (!has(mount.name) || mount.name == '') && (!has(mount.path) || "
    "!mount.path.startsWith('/'))).size() <= 1": _is_told_apart,
    f"self.all(mode, mode in [{', '.join(map(repr, _MODES))}]) "
    f"&& (self.size() == 1 || !self.exists(mode, mode == '{_MODES[-1]}'))": _are_access_modes,
    "size(self.name) > 0 && has(self.valueFrom) && has(self.valueFrom.secretKeyRef) && "
    "size(self.valueFrom.secretKeyRef.name) > 0 && has(self.valueFrom.secretKeyRef.key) && "
    "size(self.valueFrom.secretKeyRef.key) > 0": _names_its_secret,
    "has(self.quota) || has(self.quotaList)": _has_capacity,
    "!has(self.quotaList) || self.quotaList.split(',').size() == (has(self.path) ? "
    "self.path.split(',').size() : 1)": _has_a_quota_for_each_path,
    "(!has(self.quota) || (type(self.quota) == int ? self.quota > 0 : !self.quota.startsWith('-') "
    f"&& !(self.quota in [{', '.join(map(repr, _NOTHING))}]))) "
    f"&& (!has(self.quotaList) || !self.quotaList.matches('{_NO_ROOM}'))": _has_room,
    "!has(self.policy) || self.policy != 'Cron' || has(self.schedule) && size(self.schedule) > 0": (
        _has_a_schedule_for_cron
    ),
    "self in ['', 'OnRuntimeDeleted', 'OnDemand', 'OnFuseChanged'] || "
    "oldSelf.hasValue() && oldSelf.value() == self": _is_a_clean_policy,
}
"""Whether a new object, or the part of it that has the rule, keeps to it."""
