"""`python staging_calls.py CALL KUBECONFIG NODE CSI FOLDER`: one call of a kubelet to the node plugin.

It runs in the environment of an installation and imports the parts of its node plugin. CALL is `stage`,
before the first reader of the node starts, or `unstage`, after the last one has ended; CSI is `spec.csi` of
the volume as JSON.
"""

import json
import sys
from pathlib import Path

import anyio

from fluid.csi.cluster import Cluster
from fluid.csi.helper_pool import HelperPool
from fluid.csi.mounts import Mounts
from fluid.csi.records import Records, StagedVolume
from fluid.csi.staging import Staging
from fluid.kube import Connection


async def main() -> None:
    """Make the call."""
    call, kubeconfig, node, csi, folder = sys.argv[1:]
    described = json.loads(csi)
    record = StagedVolume(volume_id=described["volumeHandle"], attributes=described["volumeAttributes"])
    async with Connection.open(kubeconfig=Path(kubeconfig)) as connection:
        mounts, records = Mounts(HelperPool()), Records(Path(folder))
        staging = Staging(mounts, records, Cluster(connection, node), mount_root="/")
        if call == "unstage":
            await staging.unstage(record.volume_id)
            return
        volume = staging.read(record)
        assert volume is not None, "the attributes are those of a volume of Fluid"
        await staging.stage(volume, record)


if __name__ == "__main__":
    anyio.run(main)
