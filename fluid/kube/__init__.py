"""Everything that knows the API server: typed access, informers, controllers, apply, leases, events."""

from fluid.kube.adopt import adopt_status
from fluid.kube.api import FIELD_MANAGER, Api, WatchEvent
from fluid.kube.apply import DESIRED_HASH, NAME_TAKEN, Apis, Report, Stamps, converge
from fluid.kube.belonging import controller_of
from fluid.kube.connection import Connection
from fluid.kube.controller import DONE, Controller, Reconcile, Result
from fluid.kube.entry import Change, Entry, Owner
from fluid.kube.errors import (
    AlreadyExists,
    Cause,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    KubeError,
    LeaseLost,
    Malformed,
    NamespaceEnding,
    NotFound,
    Oversized,
    Terminal,
    Throttled,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from fluid.kube.events import Recorder, Reference
from fluid.kube.exec import OUTPUT, ExecResult
from fluid.kube.finalizer import add_finalizer, amend_metadata, controller_reference, remove_finalizer
from fluid.kube.health import HealthServer
from fluid.kube.informers import InformerFactory
from fluid.kube.lease import Elector
from fluid.kube.logs import last_line
from fluid.kube.manager import Manager
from fluid.kube.metrics import Metrics
from fluid.kube.pages import Pages
from fluid.kube.queue import Backoff, WorkQueue
from fluid.kube.reflector import Reflector
from fluid.kube.store import Store

__all__ = [
    "DESIRED_HASH",
    "DONE",
    "FIELD_MANAGER",
    "NAME_TAKEN",
    "OUTPUT",
    "AlreadyExists",
    "Api",
    "Apis",
    "Backoff",
    "Cause",
    "Change",
    "Conflict",
    "Connection",
    "Controller",
    "Elector",
    "Entry",
    "ExecResult",
    "Forbidden",
    "Gone",
    "HealthServer",
    "InformerFactory",
    "Invalid",
    "KubeError",
    "LeaseLost",
    "Malformed",
    "Manager",
    "Metrics",
    "NamespaceEnding",
    "NotFound",
    "Oversized",
    "Owner",
    "Pages",
    "Reconcile",
    "Recorder",
    "Reference",
    "Reflector",
    "Report",
    "Result",
    "Stamps",
    "Store",
    "Terminal",
    "Throttled",
    "TooLarge",
    "Unauthorized",
    "Unavailable",
    "WatchEvent",
    "WorkQueue",
    "add_finalizer",
    "adopt_status",
    "amend_metadata",
    "controller_of",
    "controller_reference",
    "converge",
    "last_line",
    "remove_finalizer",
]
