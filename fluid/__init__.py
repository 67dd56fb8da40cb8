"""Fluid for Python: Datasets, cache Runtimes and data operations on Kubernetes.

Everything that users need is here. It is imported when it is first asked for: the operator, which imports
`fluid` as well, pays nothing for it.
"""

from typing import TYPE_CHECKING

from fluid._version import __version__

__all__ = [
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
    "__version__",
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

if TYPE_CHECKING:
    from fluid.sdk import (
        AlluxioRuntime,
        AlreadyExists,
        AsyncClient,
        AsyncResources,
        AuthoringError,
        Client,
        Conflict,
        DataBackup,
        DataLoad,
        DataLoadNotComplete,
        DataMigrate,
        DataProcess,
        DataProcessNotComplete,
        Dataset,
        DatasetNotBound,
        Duration,
        Forbidden,
        Invalid,
        JindoRuntime,
        JuiceFSRuntime,
        KubeError,
        NotDeleted,
        NotFound,
        OperationNotComplete,
        Quantity,
        Resources,
        ThinRuntime,
        Unauthorized,
        Unavailable,
        WaitError,
        WatchEvent,
        hdfs,
        host_path,
        juicefs,
        oss,
        pvc,
        s3,
        script,
        source,
        tier,
    )
else:

    def __getattr__(name: str) -> object:
        """The public name, from the SDK."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found = globals()[name] = getattr(import_module("fluid.sdk"), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
