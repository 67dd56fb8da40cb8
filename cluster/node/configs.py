"""The configuration of the node's programs."""

import json

import yaml

from cluster.api import Json
from cluster.node.images import PAUSE
from cluster.node.settings import ADDRESS, PODS
from cluster.packages import PLUGINS

SOCKET = "/run/containerd/containerd.sock"
NETWORKS = "/run/fluid/net.d"
"""The folder of the network configuration."""


def containerd() -> str:
    """The TOML of containerd: overlayfs, runc, the pause image built here, and no registry."""
    return f"""\
version = 3
root = "/var/lib/containerd"
state = "/run/containerd"

[grpc]
  address = "{SOCKET}"

[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "{PAUSE}"

[plugins.'io.containerd.cri.v1.runtime']
  # A machine without CAP_SYS_RESOURCE (most sandboxes) lets nobody lower an oom_score_adj; runc would fail.
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["{PLUGINS}"]
    conf_dir = "{NETWORKS}"
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
        SystemdCgroup = false
"""


def network() -> str:
    """The pods' network: a routed pair for each pod, no bridge.

    All traffic between pods then passes the node's own tables, so Services work without the kernel module
    that passes bridged packets to these tables.
    """
    addresses: Json = {
        "type": "host-local",
        "dataDir": "/run/fluid/addresses",
        "ranges": [[{"subnet": PODS}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    plugin: Json = {"type": "ptp", "ipMasq": False, "ipam": addresses}
    return json.dumps({"cniVersion": "1.0.0", "name": "fluid", "plugins": [plugin]})


def kubelet(*, authority: str, cgroup: str, restart_period: str = "") -> str:
    """The kubelet's YAML: no eviction or garbage collection before the machine is really full.

    Args:
        authority: the file of the cluster's certificate authority.
        cgroup: parent of the pods' cgroups.
        restart_period: the longest pause before a crashed container is started again, such as ``1s``; empty
            for Kubernetes' own, 10 s that double up to five minutes.
    """
    almost_full: Json = {
        "memory.available": "100Mi",
        "nodefs.available": "1%",
        "imagefs.available": "1%",
        "nodefs.inodesFree": "1%",
    }
    config: Json = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": ADDRESS,
        "healthzBindAddress": "127.0.0.1",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": authority},
        },
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroup}",
        "failCgroupV1": False,  # refused by default since 1.35
        "failSwapOn": False,
        "clusterDNS": [ADDRESS],
        "clusterDomain": "cluster.local",
        "evictionHard": almost_full,
        "imageGCHighThresholdPercent": 100,  # never: an image cannot be pulled again
        "imageGCLowThresholdPercent": 99,
        "makeIPTablesUtilChains": False,
        "nodeStatusUpdateFrequency": "5s",
        "volumeStatsAggPeriod": "10s",
        "serializeImagePulls": False,
    }
    if restart_period:
        config["crashLoopBackOff"] = {"maxContainerRestartPeriod": restart_period}
    return yaml.safe_dump(config)


def coredns(kubeconfig: str) -> str:
    """CoreDNS's Corefile: the names of the cluster, and no external names."""
    return f"""\
.:53 {{
  bind {ADDRESS}
  errors
  kubernetes cluster.local {{
    kubeconfig {kubeconfig} fluid
    pods insecure
  }}
  cache 2
}}
"""
