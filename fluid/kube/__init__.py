"""Everything that talks to the API server.

This package exports what the SDK uses too: typed access, informers, apply. The parts of an operator process
are in separate modules (`controller`, `events`, `health`, `lease`, `manager`, `metrics`, `pages`), because
they load structlog and prometheus_client.
"""

from fluid.kube.adoption import adopt_status
from fluid.kube.api import FIELD_MANAGER, Api, WatchEvent
from fluid.kube.apply import DESIRED_HASH, NAME_TAKEN, Apis, Report, Stamps, converge
from fluid.kube.connection import Connection
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
from fluid.kube.exec import OUTPUT, ExecResult
from fluid.kube.finalizer import add_finalizer, amend_metadata, controller_reference, remove_finalizer
from fluid.kube.informers import InformerFactory
from fluid.kube.logs import last_line
from fluid.kube.ownership import controller_of
from fluid.kube.pod_http import PAGE, PodHttp
from fluid.kube.queue import Backoff, WorkQueue
from fluid.kube.reflector import Reflector
from fluid.kube.store import Store

__all__ = [
    "DESIRED_HASH",
    "FIELD_MANAGER",
    "NAME_TAKEN",
    "OUTPUT",
    "PAGE",
    "AlreadyExists",
    "Api",
    "Apis",
    "Backoff",
    "Cause",
    "Change",
    "Conflict",
    "Connection",
    "Entry",
    "ExecResult",
    "Forbidden",
    "Gone",
    "InformerFactory",
    "Invalid",
    "KubeError",
    "LeaseLost",
    "Malformed",
    "NamespaceEnding",
    "NotFound",
    "Oversized",
    "Owner",
    "PodHttp",
    "Reflector",
    "Report",
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
