"""`make demo`: bytes of an S3 server through the claim of a Dataset into a pod, on a real node.

From nothing: a node, the operator and its node plugin in it, an S3 server with generated files, a
Dataset with a ThinRuntime (rclone), a DataLoad, a pod that reads; and back to nothing. Where no
node can run it says why, and shows what a control plane alone can show. `KEEP=1` leaves everything running.
Exit code 0 means that all of it happened and every checksum is the same.
"""

import argparse
import os
import shlex
import sys
from pathlib import Path

from cluster import BuildError, KubectlError, StartError
from cluster import demo as control_plane
from cluster.node import Node, attach, datapath, images, needs, start, storage
from cluster.node.build import build
from cluster.node.installation import RefusedError
from cluster.node.node import NodeError
from cluster.node.show import DATASET, NAMESPACE, READER, Show
from cluster.story import Story, StoryError, finish_undisturbed, perform

_LOGS = ("--namespace", "fluid-system", "logs", "deployment/fluid-operator", "--tail=20")
_EXPECTED = (BuildError, StartError, NodeError, KubectlError, RefusedError, OSError)


def main() -> int:
    """Run the demo; everything that it starts ends with it."""
    parser = argparse.ArgumentParser(prog="python -m cluster.node.demo", description=__doc__)
    parser.add_argument("--directory", type=Path, default=Path(".node"), help="files of the node")
    directory: Path = parser.parse_args().directory.absolute()
    if missing := needs():
        print(f"no node can run here: {'; '.join(missing)}", flush=True)
        print("so the control plane alone, with simulated nodes and cache: no mount, no byte that is read")
        print("(on the nodes of a cluster that kubectl reaches: make demo CLUSTER=current)", flush=True)
        return control_plane.main([])
    keep = os.environ.get("KEEP", "") not in {"", "0"}
    return perform(lambda: _demo(directory, keep=keep), *_EXPECTED)


def _demo(directory: Path, *, keep: bool) -> int:
    story = Story()
    running = attach(directory)
    story.say(
        "the node that runs" if running else "a node: kubelet, containerd, FUSE; what is missing is built"
    )
    build(storage.server())
    story.say("the images of the operator, of the S3 server, and of rclone")
    images.operator()
    storage.images("rclone")
    node = running or start(directory, tethered=not keep)
    kept = False
    try:
        story.say("make deploy: operator and node plugin, in the cluster")
        datapath.deploy(node)
        datapath.provide(node, "rclone")
        show = Show(node, story, lambda: node.exec("cat", "/proc/self/mountinfo").stdout)
        show.run()
        if not keep:
            show.end()
        kept = keep
    except (StoryError, *_EXPECTED) as error:
        print(f"error: {error}\nthe operator's last lines:", file=sys.stderr)
        print(node.try_kubectl(*_LOGS).stdout, file=sys.stderr)
        return 1
    finally:
        if not kept and not running:
            finish_undisturbed()
            node.stop()
    if kept:
        _instruct(node)
    return 0


def _instruct(node: Node) -> None:
    print(f"""Everything keeps running. In your shell:
  export KUBECONFIG={shlex.quote(str(node.kubeconfig))} PATH={shlex.quote(str(node.bin))}:"$PATH"
  kubectl --namespace {NAMESPACE} exec {READER} -- python3 -c 'import os; print(*os.walk("/data"))'
  kubectl --namespace {NAMESPACE} describe dataset,thinruntime {DATASET}
Stop everything with: make node-down""")


if __name__ == "__main__":
    sys.exit(main())
