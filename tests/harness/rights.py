"""Rights as `fluid manifests` grants them, and as the API server's audit log shows them used."""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import yaml

from cluster.audit import AuditEvent


class Right(NamedTuple):
    """One verb on one kind of resource."""

    group: str
    resource: str
    verb: str


def granted(part: str) -> set[Right]:
    """Everything that a part of the manifests (`--rbac`, `--csi`) gives to the account in it."""
    command = [sys.executable, "-m", "fluid.cli", "manifests", part]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    documents: list[dict[str, Any]] = list(yaml.safe_load_all(printed))
    bound = {(one["roleRef"]["kind"], one["roleRef"]["name"]) for one in documents if "roleRef" in one}
    return {
        Right(group, resource, verb)
        for document in documents
        if (document["kind"], document["metadata"]["name"]) in bound
        for rule in document.get("rules", [])
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def listed(lines: Iterable[str]) -> set[Right]:
    """What `kubectl auth can-i --list` prints of resources, without its header."""
    found: set[Right] = set()
    for line in lines:
        what, verbs = line.split(" ", 1)[0], re.findall(r"\[([^]]*)\]", line)[-1]
        whole, slash, subresource = what.partition("/")
        resource, _, group = whole.partition(".")
        found |= {Right(group, resource + slash + subresource, verb) for verb in verbs.split()}
    return found


def asked(event: AuditEvent) -> Iterator[Right]:
    """What a request takes; an apply that makes an object needs create too."""
    resource = f"{event.resource}/{event.subresource}" if event.subresource else event.resource
    yield Right(event.group, resource, event.verb)
    if event.verb == "patch" and event.code == 201:
        yield Right(event.group, resource, "create")


def used(events: Iterable[AuditEvent]) -> set[Right]:
    """What requests took; those that are about no resource, such as /version, take none."""
    return {right for event in events if event.resource for right in asked(event)}


def table(rights: Iterable[Right], taken: set[Right]) -> str:
    """For people: which right is used."""
    return "\n".join(f"{right in taken!s:<6} {' '.join(right)}" for right in sorted(rights))
