"""The base of every model: documents of the API server as typed Python objects, and values that compute."""

from fluid.types.duration import Duration
from fluid.types.metadata import ManagedFieldsEntry, ObjectMeta, OwnerReference
from fluid.types.model import AuthoringError, JsonObject, KubeModel
from fluid.types.object import Key, KubeObject
from fluid.types.quantity import Quantity
from fluid.types.resource import Resource
from fluid.types.time import MicroTime, Time
from fluid.types.updates import Update, update_at
from fluid.types.words import alternatives, fit

IntOrString = int | str
"""A number or a string, as Kubernetes allows for ports and percentages; the given one is kept."""

__all__ = [
    "AuthoringError",
    "Duration",
    "IntOrString",
    "JsonObject",
    "Key",
    "KubeModel",
    "KubeObject",
    "ManagedFieldsEntry",
    "MicroTime",
    "ObjectMeta",
    "OwnerReference",
    "Quantity",
    "Resource",
    "Time",
    "Update",
    "alternatives",
    "fit",
    "update_at",
]
