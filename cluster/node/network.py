"""The node's network: a namespace that no packet leaves or enters."""

import subprocess
from pathlib import Path

from cluster.node.settings import ADDRESS


def prepare() -> None:
    """Give the calling process's network namespace an address for the node and let it route."""
    # An empty bridge has the address: not every kernel has dummy interfaces, and a kubelet refuses loopback.
    # Service addresses need the default route until nftables rewrites them.
    for command in (
        "link set lo up",
        "link add node0 type bridge",
        f"addr add {ADDRESS}/24 dev node0",
        "link set node0 up",
        "route add default dev node0",
    ):
        done = subprocess.run(["ip", *command.split()], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise OSError(f"`ip {command}` failed: {done.stderr.strip()}")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
