"""The keys of jindocache.cfg and jindosdk.cfg, by group; a user's properties come last and count."""

import re
from collections.abc import Container, Mapping, Sequence

from fluid.charts.text import has_control
from fluid.engines.core.errors import InvalidSpec, Subject, Whose
from fluid.engines.jindo.credentials import Credentials, client_keys, sdk_keys, token_keys
from fluid.engines.jindo.images import has_legacy_prefetcher
from fluid.engines.jindo.sources import Source
from fluid.engines.jindo.storage import file_store, oss_endpoint, shared_endpoint
from fluid.engines.jindo.tiers import Storage
from fluid.engines.jindo.topology import master, masters, uses_rdma, worker
from fluid.engines.jindo.values import Config, Ports, base_name
from fluid.models import JindoFuseSpec, JindoRuntime

_UNUSABLE_KEY = re.compile(r"[\[#;]|.*=|\s|.*\s$|$", re.DOTALL)
_RDMA_CLIENT = ("fs.jindocache.namespace.rpc.rdma.enable", "fs.jindocache.storage.rpc.rdma.enable")
_NOT_FOR_SERVERS = (*_RDMA_CLIENT, "fs.jindocache.rpc.rdma.device")
"""Keys that a runtime on RDMA has for FUSE alone: the clients inside the servers do not get them."""
_LOG: Mapping[str, str] = {
    "application.report.on": "true",
    "metric.report.on": "true",
    "logger.dir": "/tmp/jindocache-log",
    "logger.cleanner.enable": "true",  # the cache itself spells it so
    "logger.consolelogger": "true",
    "logger.jnilogger": "false",
    "logger.sync": "false",
    "logger.verbose": "0",
}
_SDK_LOG: Mapping[str, str] = {
    "logger.dir": "/tmp/fuse-log",
    "logger.consolelogger": "true",
    "logger.level": "2",
    "logger.cleaner.enable": "true",
    "logger.sync": "false",
    "logger.verbose": "0",
    "hadoopConf.enable": "false",
}
_MASTER: Mapping[str, str] = {
    "namespace.cluster.id": "local",
    "namespace.oss.copy.size": "1073741824",
    "namespace.filelet.threads": "200",
    "namespace.blocklet.threads": "100",
    "namespace.long-running.threads": "20",
    "namespace.filelet.cache.size": "100000",
    "namespace.blocklet.cache.size": "1000000",
    "namespace.filelet.atime.enable": "false",
    "namespace.permission.root.inode.perm.bits": "511",
    "namespace.delete.scan.interval.second": "20",
    "namespace.delete.scan.batch.size": "5000",
}
_WORKER: Mapping[str, str] = {
    "storage.cluster.id": "local",
    "storage.compaction.enable": "false",
    "storage.compaction.period.minute": "2",
    "storage.maintainence.period.minute": "2",  # the cache itself spells it so
    "storage.compaction.threshold": "16",
    "storage.cache.filelet.worker.threads": "200",
    "storage.address": "localhost",
}
_CLIENT: Mapping[str, str] = {
    "fs.jindocache.request.user": "root",
    "fs.jindocache.tmp.data.dir": "/tmp",
    "fs.jindocache.client.metrics.enable": "true",
    "fs.jindocache.rpc.timeout": "30000",
    "fs.oss.download.queue.size": "16",
    "fs.oss.download.thread.concurrency": "32",
    "fs.s3.download.queue.size": "16",
    "fs.s3.download.thread.concurrency": "32",
    "fs.xengine": "jindocache",
}


def config(
    runtime: JindoRuntime,
    sources: Sequence[Source],
    storage: Storage,
    found: Credentials,
    ports: Ports,
    *,
    read_only: bool,
    fuse_tag: str,
) -> Config:
    """All groups of keys.

    Raises:
        InvalidSpec: A key or value cannot be written as one line.
    """
    _refuse_unwritable(runtime, sources)
    fuse_spec = runtime.spec.fuse or JindoFuseSpec()
    endpoint = shared_endpoint(sources)
    endpoints = {source.bucket: oss_endpoint(source) for source in sources if source.bucket}
    stores = file_store(sources)
    fuse = {
        **_client(runtime, storage, ports, read_only=read_only, fuse_tag=fuse_tag),
        **{key.replace("jindocache", "fs", 1): value for key, value in stores.items()},
        **client_keys(found, endpoint),
        **(fuse_spec.properties or {}),
    }
    return Config(
        log={**_LOG, **(runtime.spec.log_config or {})},
        token=token_keys(found, endpoint),
        file_store=stores,
        master=_master(runtime, storage, ports),
        worker=_worker(runtime, storage, ports),
        sdk_log={**_SDK_LOG, **sdk_keys(found, endpoint, endpoints), **(fuse_spec.log_config or {})},
        client=_without(fuse, _NOT_FOR_SERVERS) if uses_rdma(runtime) else fuse,
        fuse=fuse,
    )


def _master(runtime: JindoRuntime, storage: Storage, ports: Ports) -> dict[str, str]:
    keys = {
        **_MASTER,
        "namespace.backend.type": "rocksdb",
        "namespace.rpc.port": str(ports.master_rpc),
        "namespace.meta-dir": f"{storage.directories[0]}/server",
    }
    if ports.raft is not None:
        set_name = f"{base_name(runtime.name)}-master"
        members = [f"{set_name}-{index}:{ports.raft}:0" for index in range(masters(runtime))]
        keys["namespace.backend.type"] = "raft"
        keys["namespace.backend.raft.initial-conf"] = ",".join(members)
    if uses_rdma(runtime):
        keys["namespace.rpc.rdma.enable"] = "true"
    return keys | (master(runtime).properties or {})


def _worker(runtime: JindoRuntime, storage: Storage, ports: Ports) -> dict[str, str]:
    keys = {
        **_WORKER,
        "storage.rpc.port": str(ports.worker_rpc),
        "storage.data-dirs": ",".join(storage.directories),
        "storage.data-dirs.capacities": storage.capacities,
    }
    # Without a watermark the cache's own default counts; an empty value would be none.
    level = storage.tier.level
    watermarks = {"high": level.high, "low": level.low}
    keys |= {f"storage.watermark.{name}.ratio": ratio for name, ratio in watermarks.items() if ratio}
    if storage.memory:
        keys["storage.ram.cache.size"] = storage.capacities
        keys["storage.slicelet.buffer.size"] = storage.capacities
    if uses_rdma(runtime):
        keys["storage.namespace.rpc.rdma.enable"] = "true"
        keys["storage.rpc.rdma.enable"] = "true"
    return keys | (worker(runtime).properties or {})


def _client(
    runtime: JindoRuntime, storage: Storage, ports: Ports, *, read_only: bool, fuse_tag: str
) -> dict[str, str]:
    keys = {
        **_CLIENT,
        "jindofsx.read.readahead.prefetcher.version": "legacy"
        if has_legacy_prefetcher(fuse_tag)
        else "default",
        "fs.jindocache.storage.rpc.port": str(ports.worker_rpc),
        "fs.jindocache.ram.cache.enable": "true" if storage.memory else "false",
    }
    if read_only:
        keys["fs.jindocache.read.only.enable"] = "true"
    if uses_rdma(runtime):
        keys |= dict.fromkeys(_RDMA_CLIENT, "true")
    return keys


def _without(keys: Mapping[str, str], unwanted: Container[str]) -> dict[str, str]:
    return {key: value for key, value in keys.items() if key not in unwanted}


def _refuse_unwritable(runtime: JindoRuntime, sources: Sequence[Source]) -> None:
    spec, fuse = runtime.spec, runtime.spec.fuse or JindoFuseSpec()
    level = (spec.tieredstore.levels or [None])[0] if spec.tieredstore else None
    groups: dict[str, Mapping[str, str] | None] = {
        "spec.master.properties": master(runtime).properties,
        "spec.worker.properties": worker(runtime).properties,
        "spec.fuse.properties": fuse.properties,
        "spec.logConfig": spec.log_config,
        "spec.fuse.logConfig": fuse.log_config,
        "spec.tieredstore.levels[0]": {
            "path": (level.path if level else None) or "",
            "high": (level.high if level else None) or "",
            "low": (level.low if level else None) or "",
        },
    }
    seen: set[tuple[str, str]] = set()  # what all mounts share is looked at once
    of_runtime = [(Whose.RUNTIME, path, keys) for path, keys in groups.items()]
    of_mounts = [(Whose.DATASET, f"{one.path}.options", _written(one)) for one in sources if one.store]
    for subject, path, keys in [*of_runtime, *of_mounts]:
        for entry in (keys or {}).items():
            if entry not in seen:
                _refuse_entry(subject, path, *entry)
                seen.add(entry)


def _written(source: Source) -> dict[str, str]:
    """The options that end up in a file: of HDFS all, of other stores their own."""
    return {
        key: value
        for key, value in source.options.items()
        if source.scheme == "hdfs" or key.startswith("fs.")
    }


def _refuse_entry(subject: Subject, path: str, key: str, value: str) -> None:
    if _UNUSABLE_KEY.match(key) or has_control(key):
        raise InvalidSpec(
            subject, f"{path}[{key[:40]!r}]", "is no key of a configuration file", "Correct the key"
        )
    if has_control(value):
        raise InvalidSpec(
            subject, f"{path}[{key[:40]}]", "contains a line break or control character", "Write one line"
        )
