"""What clients of JuiceFS print and serve, in the formats of its documentation."""

from fluid.engines.core.pod_pages import HttpAnswer, HttpGet
from fluid.engines.core.query import AnyQuery
from fluid.engines.testing.lifecycle.caches import State, said, unanswered, unknown
from fluid.kube import ExecResult

UUID = "5b3f0c8e-0000-4000-8000-000000000001"
STATUS = f"""{{
  "Setting": {{
    "Name": "jfs",
    "UUID": "{UUID}",
    "Storage": "minio",
    "Bucket": "http://minio.default.svc:9000/test",
    "AccessKey": "minioadmin",
    "SecretKey": "removed",
    "BlockSize": 4096,
    "Compression": "none",
    "EncryptAlgo": "aes256gcm-rsa",
    "TrashDays": 1,
    "MetaVersion": 1,
    "DirStats": true
  }},
  "Sessions": [
    {{
      "Sid": 2,
      "Heartbeat": "2026-08-23T16:47:59+08:00",
      "Version": "1.3.0+2025-07-03.30190ca",
      "Hostname": "node-1",
      "MountPoint": "/runtime-mnt/juicefs/jfs/demo/juicefs-fuse",
      "ProcessID": 28
    }}
  ],
  "Statistic": {{
    "UsedSpace": 207300683,
    "AvailableSpace": 1125899901956096,
    "UsedInodes": 13,
    "AvailableInodes": 10485760
  }}
}}
"""
"""`juicefs status`, community edition."""
SUMMARY = "PATH,SIZE,DIRS,FILES\n/,207300683,1,12\n"
"""`juicefs summary --csv --depth 0`."""
METRICS = """# HELP juicefs_blockcache_bytes number of cached bytes
# TYPE juicefs_blockcache_bytes gauge
juicefs_blockcache_bytes{mp="/mnt/jfs",vol_name="jfs"} 3.7757952e+07
juicefs_blockcache_blocks{mp="/mnt/jfs",vol_name="jfs"} 9
juicefs_blockcache_hit_bytes{mp="/mnt/jfs",vol_name="jfs"} 100
juicefs_blockcache_hits{mp="/mnt/jfs",vol_name="jfs"} 10
juicefs_blockcache_miss{mp="/mnt/jfs",vol_name="jfs"} 2
juicefs_blockcache_miss_bytes{mp="/mnt/jfs",vol_name="jfs"} 20
juicefs_uptime{mp="/mnt/jfs",vol_name="jfs"} 318.28
"""
"""`GET /metrics` of a client of the community edition."""
STATS = """blockcache.blocks: 9
blockcache.bytes: 37757952
blockcache.evict: 0
blockcache.hitBytes: 100
blockcache.hits: 10
blockcache.miss: 2
blockcache.missBytes: 20
cpuusage: 29.92
"""
"""`.stats` of a client of the enterprise edition."""


def answers(command: tuple[str, ...], state: State) -> ExecResult:
    """What a command says."""
    match command:
        case ("cat", path) if path.endswith("/juicefs-fuse/.stats"):
            return said(0, STATS)
        case (_, "summary", "--csv", "--depth", "0", "--entries", "1", _):
            return said(0, SUMMARY)
        case ("sh", "-c", '/usr/local/bin/juicefs status "${METAURL}"'):
            return said(0, STATUS)
        case ("rm", "-rf", "--", *_):
            return said(0)
        case _:
            return unknown(command, state)


def pages(query: AnyQuery) -> object:
    """What clients serve."""
    return HttpAnswer(METRICS) if isinstance(query, HttpGet) else unanswered(query)
