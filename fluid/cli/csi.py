"""`fluid csi`: the node plugin."""

import sys
from pathlib import Path
from typing import Literal

import click

from fluid.cli.logs import FORMATS, LEVELS, set_up_logs
from fluid.cli.serving import serve_until_stopped


@click.command("csi")
@click.option("--node-name", envvar="NODE_NAME", required=True, show_envvar=True, help="This node's name.")
@click.option("--endpoint", default="", metavar="unix:///PATH", help="Default: below --kubelet-dir.")
@click.option(
    "--kubelet-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("/var/lib/kubelet"),
    show_default=True,
    help="Root directory of the kubelet.",
)
@click.option(
    "--mount-root",
    envvar="MOUNT_ROOT",
    default="/runtime-mnt",
    show_default=True,
    show_envvar=True,
    help="Where FUSE pods mount.",
)
@click.option(
    "--publish-method",
    envvar="NODEPUBLISH_METHOD",
    type=click.Choice(["bindMount", "symlink"]),
    default="bindMount",
    show_default=True,
    show_envvar=True,
    help="How pods get volumes that do not say so themselves.",
)
@click.option("--recover/--no-recover", default=True, help="Renew volumes whose FUSE process was replaced.")
@click.option(
    "--enter-containers/--no-enter-containers",
    default=True,
    help="Renew inside containers too (needs hostPID); else by mountPropagation only.",
)
@click.option("--keep", is_flag=True, help="Start again at once when killed, without the kubelet's back-off.")
@click.option("--metrics-addr", default="0.0.0.0:8080", show_default=True, metavar="HOST:PORT|none")
@click.option("--health-addr", default="0.0.0.0:8081", show_default=True, metavar="HOST:PORT|none")
@click.option("--kubeconfig", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--log-format", type=click.Choice(FORMATS), default="json", show_default=True)
@click.option("--log-level", type=click.Choice(LEVELS), default="info", show_default=True)
def command(
    node_name: str,
    endpoint: str,
    kubelet_dir: Path,
    mount_root: str,
    publish_method: Literal["bindMount", "symlink"],
    recover: bool,
    enter_containers: bool,
    keep: bool,
    metrics_addr: str,
    health_addr: str,
    kubeconfig: Path | None,
    log_format: str,
    log_level: str,
) -> None:
    """Serve the volumes of this node to its kubelet, until SIGTERM."""
    try:
        from fluid.csi.options import Options
        from fluid.csi.process import serve
        from fluid.csi.supervisor import supervise
    except ModuleNotFoundError as error:
        click.echo(f"error: {error}: install fluid-operator[csi]", err=True)
        sys.exit(1)
    from fluid.kube import KubeError

    if keep:
        supervise()  # after the imports: they take most of a start, and its memory is shared
    set_up_logs(log_format, log_level)
    options = Options(
        node=node_name,
        endpoint=endpoint,
        kubelet=kubelet_dir.absolute(),
        mount_root=mount_root,
        publish_method=publish_method,
        recover=recover,
        enter_containers=enter_containers,
        metrics_address=metrics_addr,
        health_address=health_addr,
        kubeconfig=kubeconfig,
    )
    serve_until_stopped(serve, options, KubeError, OSError, ValueError)
