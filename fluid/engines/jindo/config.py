"""The keys of jindocache.cfg and jindosdk.cfg, by group; a user's properties come last and count."""

import re
from collections.abc import Iterator

from fluid.engines import api
from fluid.engines.jindo.case import Case
from fluid.engines.jindo.mounts import client_keys, sdk_keys, token_keys
from fluid.engines.jindo.shape import master, masters, sizes, worker
from fluid.engines.jindo.values import Config, base_name, default_config

_RDMA_CLIENT = ("fs.jindocache.namespace.rpc.rdma.enable", "fs.jindocache.storage.rpc.rdma.enable")
_NOT_FOR_SERVERS = (*_RDMA_CLIENT, "fs.jindocache.rpc.rdma.device")
"""Keys that a runtime on RDMA has for FUSE alone: the clients inside the servers do not get them."""


_LEGACY_PREFETCHER_UNTIL = (6, 2, 0)
_RELEASE = re.compile(r"v?(\d{1,18})\.(\d{1,18})\.(\d{1,18})(?:-.+)?")


def has_legacy_prefetcher(fuse_tag: str) -> bool:
    """Whether this FUSE client is too old for the default read-ahead; unknown ones are not."""
    match = _RELEASE.fullmatch(fuse_tag)
    return match is not None and tuple(int(number) for number in match.groups()) <= _LEGACY_PREFETCHER_UNTIL


def config(case: Case) -> Config:
    """All groups of keys.

    Raises:
        InvalidSpec: A key or value cannot be written as one line.
    """
    found, spec = case.credentials, case.runtime.spec
    default = default_config()
    api.options.refuse_unwritable(_written(case))
    buckets = {source.bucket: case.endpoints[source.index] for source in case.sources if source.bucket}
    different = set(case.endpoints.values())
    shared = different.pop() if len(different) == 1 else None
    fuse = {
        **default.fuse,
        **_client(case),
        **{key.replace("jindocache", "fs", 1): value for key, value in case.file_store.items()},
        **client_keys(found, shared),
        **(case.fuse.properties or {}),
    }
    return Config(
        log={**default.log, **(spec.log_config or {})},
        token=token_keys(found, shared),
        file_store=case.file_store,
        master={**default.master, **_master(case)},
        worker={**default.worker, **_worker(case)},
        sdk_log={**default.sdk_log, **sdk_keys(found, shared, buckets), **(case.fuse.log_config or {})},
        client=api.options.without(fuse, _NOT_FOR_SERVERS) if case.rdma else fuse,
        fuse=fuse,
    )


def _master(case: Case) -> dict[str, str]:
    runtime, raft = case.runtime, case.ports.raft
    keys = {
        "namespace.backend.type": "rocksdb",
        "namespace.rpc.port": str(case.ports.master_rpc),
        "namespace.meta-dir": f"{case.storage.directories[0]}/server",
    }
    if raft is not None:
        set_name = f"{base_name(runtime.name)}-master"
        members = [f"{set_name}-{index}:{raft}:0" for index in range(masters(runtime))]
        keys["namespace.backend.type"] = "raft"
        keys["namespace.backend.raft.initial-conf"] = ",".join(members)
    if case.rdma:
        keys["namespace.rpc.rdma.enable"] = "true"
    return keys | (master(runtime).properties or {})


def _worker(case: Case) -> dict[str, str]:
    storage, level = case.storage, case.storage.tier.level
    keys = {
        "storage.rpc.port": str(case.ports.worker_rpc),
        "storage.data-dirs": ",".join(storage.directories),
        "storage.data-dirs.capacities": sizes(storage),
    }
    # Without a watermark the cache's own default counts; an empty value would be none.
    watermarks = {"high": level.high, "low": level.low}
    keys |= {f"storage.watermark.{name}.ratio": ratio for name, ratio in watermarks.items() if ratio}
    if storage.memory:
        keys["storage.ram.cache.size"] = sizes(storage)
        keys["storage.slicelet.buffer.size"] = sizes(storage)
    if case.rdma:
        keys["storage.namespace.rpc.rdma.enable"] = "true"
        keys["storage.rpc.rdma.enable"] = "true"
    return keys | (worker(case.runtime).properties or {})


def _client(case: Case) -> dict[str, str]:
    legacy = has_legacy_prefetcher(case.fuse_image.tag)
    keys = {
        "jindofsx.read.readahead.prefetcher.version": "legacy" if legacy else "default",
        "fs.jindocache.storage.rpc.port": str(case.ports.worker_rpc),
        "fs.jindocache.ram.cache.enable": "true" if case.storage.memory else "false",
    }
    if api.read_only(case.dataset):
        keys["fs.jindocache.read.only.enable"] = "true"
    if case.rdma:
        keys |= dict.fromkeys(_RDMA_CLIENT, "true")
    return keys


def _written(case: Case) -> Iterator[api.options.Properties]:
    """What of the user's words is written into the files: of HDFS mounts all options, of others their own."""
    spec, level = case.runtime.spec, next(iter(api.tiers.levels_of(case.runtime.spec.tieredstore)), None)
    yield api.options.Properties(api.Whose.RUNTIME, "spec.master.properties", master(case.runtime).properties)
    yield api.options.Properties(api.Whose.RUNTIME, "spec.worker.properties", worker(case.runtime).properties)
    yield api.options.Properties(api.Whose.RUNTIME, "spec.fuse.properties", case.fuse.properties)
    yield api.options.Properties(api.Whose.RUNTIME, "spec.logConfig", spec.log_config)
    yield api.options.Properties(api.Whose.RUNTIME, "spec.fuse.logConfig", case.fuse.log_config)
    if level is not None:
        tier = {"path": level.path or "", "high": level.high or "", "low": level.low or ""}
        yield api.options.Properties(api.Whose.RUNTIME, "spec.tieredstore.levels[0]", tier)
    for source in case.sources:
        if source.store:
            hdfs = source.scheme == "hdfs"
            own = {key: value for key, value in source.options.items() if hdfs or key.startswith("fs.")}
            yield api.options.Properties(api.Whose.DATASET, f"{source.path}.options", own)
