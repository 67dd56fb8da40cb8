"""Typed clients, builders and waiters, which `fluid` itself re-exports."""

from fluid.kube import (
    AlreadyExists,
    Conflict,
    Forbidden,
    Invalid,
    KubeError,
    NotFound,
    Unauthorized,
    Unavailable,
    WatchEvent,
)
from fluid.sdk.client import AsyncClient, Client
from fluid.sdk.errors import (
    DataLoadNotComplete,
    DataProcessNotComplete,
    DatasetNotBound,
    NotDeleted,
    OperationNotComplete,
    WaitError,
)
from fluid.sdk.kinds import AlluxioRuntime, Dataset, JindoRuntime, JuiceFSRuntime, ThinRuntime
from fluid.sdk.operations import DataBackup, DataLoad, DataMigrate, DataProcess
from fluid.sdk.processors import script
from fluid.sdk.resources import FIELD_MANAGER, AsyncResources, Resources
from fluid.sdk.sources import hdfs, host_path, juicefs, oss, pvc, s3, source, tier
from fluid.types import AuthoringError, Duration, Quantity

__all__ = [
    "FIELD_MANAGER",
    "AlluxioRuntime",
    "AlreadyExists",
    "AsyncClient",
    "AsyncResources",
    "AuthoringError",
    "Client",
    "Conflict",
    "DataBackup",
    "DataLoad",
    "DataLoadNotComplete",
    "DataMigrate",
    "DataProcess",
    "DataProcessNotComplete",
    "Dataset",
    "DatasetNotBound",
    "Duration",
    "Forbidden",
    "Invalid",
    "JindoRuntime",
    "JuiceFSRuntime",
    "KubeError",
    "NotDeleted",
    "NotFound",
    "OperationNotComplete",
    "Quantity",
    "Resources",
    "ThinRuntime",
    "Unauthorized",
    "Unavailable",
    "WaitError",
    "WatchEvent",
    "hdfs",
    "host_path",
    "juicefs",
    "oss",
    "pvc",
    "s3",
    "script",
    "source",
    "tier",
]
