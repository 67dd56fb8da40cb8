"""Prune the OpenAPI documents of one Kubernetes version to the types that this project uses."""

import json
import subprocess
from pathlib import Path

from fluid.codegen.schema import Json, Node, items, node, references, text, without

VERSION = "v1.36.3"

# The kinds that charts render and controllers read; whatever they refer to comes along.
KINDS = {
    "api__v1": [
        *["Pod", "Service", "ConfigMap", "PersistentVolume", "PersistentVolumeClaim", "Node", "Event"],
        *["Namespace", "ServiceAccount"],
    ],
    "apis__apps__v1": ["StatefulSet", "DaemonSet", "Deployment"],
    "apis__batch__v1": ["Job", "CronJob"],
    "apis__coordination.k8s.io__v1": ["Lease"],
    "apis__rbac.authorization.k8s.io__v1": ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
    "apis__apiextensions.k8s.io__v1": ["CustomResourceDefinition"],
    "apis__storage.k8s.io__v1": ["CSIDriver"],
    "apis__admissionregistration.k8s.io__v1": [
        *["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
        *["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"],
    ],
}
# Schemas about schemas: kept as free objects, nobody here looks into them.
OPAQUE = {"CustomResourceDefinitionSpec", "CustomResourceDefinitionStatus", "FieldsV1"}
# Defaults are the server's business; patch strategies belong to a kind of patch that nobody here sends.
DROPPED = {"default", "x-kubernetes-patch-strategy", "x-kubernetes-patch-merge-key", "x-kubernetes-unions"}


def refresh(target: Path) -> None:
    """Write the pruned document of `VERSION`, taken from the Go module cache (downloaded if need be)."""
    module = f"k8s.io/kubernetes@{VERSION}"
    command = ["go", "mod", "download", "-json", module]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd="/")
    folder = Path(json.loads(answer.stdout)["Dir"]) / "api/openapi-spec/v3"
    schemas: Node = {}
    for group, kinds in KINDS.items():
        document = json.loads((folder / f"{group}_openapi.json").read_text())
        resources = _resources(document["paths"])
        known = {_short(name): _clean(schema) for name, schema in document["components"]["schemas"].items()}
        known |= {name: _opaque(node(known[name])) for name in OPAQUE & known.keys()}
        for kind in kinds:
            schemas[kind] = _as_kind(node(known[kind]), resources[kind])
        schemas["ObjectMeta"] = known["ObjectMeta"]
        _close(schemas, known)
    schemas["VolumeSource"] = _volume_source(node(schemas["Volume"]))
    info = {"title": "The Kubernetes types that Fluid uses", "version": VERSION}
    components = {"schemas": dict(sorted(schemas.items()))}
    result = {"openapi": "3.0.0", "info": info, "paths": {}, "components": components}
    target.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


def _resources(paths: dict[str, Node]) -> dict[str, Node]:
    """Plural and scope of each kind, as its URL for creating objects tells."""
    found: dict[str, Node] = {}
    for path, methods in paths.items():
        if isinstance(post := methods.get("post"), dict) and not path.endswith("}") and "{name}" not in path:
            kind = text(node(post["x-kubernetes-group-version-kind"])["kind"])
            scope = "Namespaced" if "{namespace}" in path else "Cluster"
            found[kind] = {"plural": path.rpartition("/")[2], "scope": scope}
    return found


def _as_kind(schema: Node, resource: Node) -> Node:
    """Write a kind as the other schema files do."""
    (identity,) = items(schema["x-kubernetes-group-version-kind"])
    properties = without(node(schema["properties"]), "apiVersion", "kind", "metadata")
    return {
        **schema,
        "x-kubernetes-group-version-kind": identity,
        "x-resource": resource,
        "properties": properties,
    }


def _volume_source(volume: Node) -> Node:
    """The type that Go embeds in Volume, and OpenAPI writes out there: a volume without its name."""
    description = "VolumeSource is the source of a volume to mount. Only one of its members may be specified."
    return {
        "description": description,
        "type": "object",
        "properties": without(node(volume["properties"]), "name"),
    }


def _close(schemas: Node, known: Node) -> None:
    """Add what the schemas refer to, until nothing is missing."""
    while missing := {name for name in map(_target, references(schemas)) if name not in schemas}:
        schemas.update({name: known[name] for name in missing})


def _opaque(schema: Node) -> Json:
    return {**without(schema, "properties", "required"), "x-kubernetes-preserve-unknown-fields": True}


def _clean(value: Json) -> Json:
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, str):
        return value.expandtabs(4).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if not isinstance(value, dict):
        return value
    if isinstance(reference := value.get("$ref"), str):
        return {"$ref": "#/components/schemas/" + _short(reference)}
    if isinstance(properties := value.get("properties"), dict):  # a property may be called `default`
        value = {**value, "properties": {name: _clean(schema) for name, schema in properties.items()}}
    if value.get("format") == "byte":
        value = without(value, "format")  # base64 stays as it is on the wire
    kept = without(value, *DROPPED)
    return {key: (item if key == "properties" else _clean(item)) for key, item in kept.items()}


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _target(reference: str) -> str:
    return reference.rpartition("/")[2]
