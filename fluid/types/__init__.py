"""The base of every model: documents of the API server as typed Python objects, and values that compute."""

from pydantic import JsonValue

from fluid.types.duration import Duration
from fluid.types.model import AuthoringError, KubeModel
from fluid.types.object import Key, KubeObject
from fluid.types.quantity import Quantity
from fluid.types.resource import Resource
from fluid.types.time import MicroTime, Time
from fluid.types.words import fit

JsonObject = dict[str, JsonValue]
"""An object whose fields only its owner knows."""

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
    "MicroTime",
    "Quantity",
    "Resource",
    "Time",
    "fit",
]
