"""`make demo CLUSTER=current`: the demo on the cluster of kubectl's current context, where it leaves nothing.

It uses the operator that is deployed there, else it deploys one and takes it away again. It touches nothing
that it did not make: what is there already is a reason to stop. The nodes need its images
(`make demo-images`), or a registry that has them: `IMAGES=REGISTRY/PREFIX`. `KEEP=1` leaves everything for
the next run to remove.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import run

import yaml

from cluster.access import Cluster, KubectlError
from cluster.cache import BuildError
from cluster.node.datapath import EXAMPLES
from cluster.node.installation import LABEL, NAMESPACE, Installation, RefusedError, labelled
from cluster.node.names import Names
from cluster.node.show import DATASET, READER, Show
from cluster.node.show import NAMESPACE as DEMO
from cluster.story import Story, StoryError, finish_undisturbed, perform

PROFILE = "fluid-demo-rclone"
_PLUGINS = "app=csi-nodeplugin-fluid"
_MOUNTS = ("python3", "-c", "print(open('/proc/self/mountinfo').read())")
_EXPECTED = (BuildError, KubectlError, RefusedError, StoryError, OSError)


@dataclass
class Current(Cluster):
    """The cluster of a context, fixed at the start even if the user switches contexts meanwhile."""

    kubeconfig: Path
    context: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment of this process, with the context's own kubeconfig."""
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig)}

    @staticmethod
    def pin(folder: Path) -> "Current":
        """The context that is the current one now; its kubeconfig is copied into a folder.

        Raises:
            RefusedError: there is none, its cluster does not answer, or it does not grant the needed rights.
        """
        if not shutil.which("kubectl"):
            raise RefusedError(
                "no kubectl on PATH. Next: install it; or `make demo` as root, which needs none"
            )
        context = _asked("config", "current-context", why="kubectl has no current context")
        config = _asked(
            "config", "view", "--minify", "--flatten", "--raw", why=f"context {context} is broken"
        )
        kubeconfig = folder / "kubeconfig"
        kubeconfig.touch(mode=0o600)
        kubeconfig.write_text(config)
        cluster = Current(kubeconfig, context)
        answered = cluster.try_kubectl("version", "--request-timeout=10s")
        if answered.returncode != 0:
            raise RefusedError(
                f"the cluster of context {context} does not answer: {answered.stderr.strip()}\n"
                "Next: start it, or choose another with `kubectl config use-context`"
            )
        if cluster.try_kubectl("auth", "can-i", "*", "*", "--all-namespaces").returncode != 0:
            raise RefusedError(
                f"context {context} may not do everything in its cluster, which kinds, roles and a DaemonSet"
                " take. Next: a context of an administrator, or a cluster of your own"
            )
        return cluster

    def mounts(self) -> str:
        """Of all nodes, as their plugins see them."""
        asked = ("-n", NAMESPACE, "get", "pods", "-l", _PLUGINS, "-o", "name")
        plugins = self.kubectl(*asked).split()
        return "".join(self.kubectl("-n", NAMESPACE, "exec", plugin, "--", *_MOUNTS) for plugin in plugins)


def _asked(*arguments: str, why: str) -> str:
    done = run(["kubectl", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0 or not done.stdout.strip():
        raise RefusedError(f"{why}: {done.stderr.strip()}\nNext: kubectl config get-contexts")
    return done.stdout.strip()


class Visit:
    """The demo on an existing cluster."""

    def __init__(self, cluster: Current, story: Story, names: Names) -> None:
        self._cluster = cluster
        self._story = story
        self._names = names
        self._installation = Installation(cluster, names.operator)
        self._own = False
        self._show = Show(cluster, story, cluster.mounts, names=names, profile=PROFILE)

    def look(self) -> None:
        """Look for objects that would be in the way, before anything is created.

        Raises:
            RefusedError: there is something.
        """
        self._show.begun()
        self._ours()
        self._own = self._installation.made()

    def run(self) -> None:
        """Deploy what is missing, and show everything."""
        self._story.say(
            "the operator and node plugin "
            + ("are deployed for this demo" if self._own else "that are there")
        )
        self._installation.provide()
        if not self._ours():
            text = self._names.profile((EXAMPLES / "rclone" / "profile.yaml").read_text(), PROFILE)
            profile = yaml.safe_dump_all(labelled([yaml.safe_load(text)]))
            self._cluster.kubectl("create", "-f", "-", stdin=profile)
        self._show.run()

    def end(self) -> None:
        """Remove what the demo created.

        Raises:
            StoryError: not all of it is gone, and what is left is named.
        """
        if self._show.begun():
            self._show.end()
        if self._ours():
            self._cluster.kubectl("delete", "thinruntimeprofile", PROFILE)
        if used := self._installation.take_away():
            self._story.say(
                f"the operator stays, for somebody uses it now: {', '.join(used[:5])}; later: make undeploy"
            )
        elif self._own:
            self._story.say("the operator and node plugin are gone too")

    def _ours(self) -> bool:
        """Whether there is a profile of an earlier run.

        Raises:
            RefusedError: there is one that no demo made.
        """
        asked = ("get", "thinruntimeprofile", PROFILE, "--ignore-not-found", "-o")
        found = self._cluster.try_kubectl(*asked, "jsonpath={.metadata.name} {.metadata.labels}").stdout
        if found.strip() and LABEL not in found:
            raise RefusedError(
                f"the ThinRuntimeProfile {PROFILE} is there, and no demo made it. Next: delete it"
            )
        return bool(found.strip())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; what it makes in the cluster goes with it."""
    parser = argparse.ArgumentParser(prog="python -m cluster.node.current", description=__doc__)
    parser.add_argument("cluster", choices=["current"], help="the cluster of kubectl's current context")
    parser.parse_args(arguments)
    return perform(_visit, *_EXPECTED)


def _visit() -> int:
    keep = os.environ.get("KEEP", "") not in {"", "0"}
    prefix = os.environ.get("IMAGES", "")
    with tempfile.TemporaryDirectory() as folder:
        cluster = Current.pin(Path(folder))
        story = Story()
        story.say(f"on the cluster of the context {cluster.context}")
        visit = Visit(cluster, story, Names.under(prefix) if prefix else Names())
        visit.look()
        return _run(visit, keep=keep)


def _run(visit: Visit, *, keep: bool) -> int:
    kept = False
    try:
        visit.run()
        kept = keep
    except _EXPECTED as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        if not kept:
            finish_undisturbed()
            _end(visit)
    if kept:
        print(f"""Everything is left in the cluster, and has the label {LABEL}. In your shell:
  kubectl --namespace {DEMO} exec {READER} -- python3 -c 'import os; print(*os.walk("/data"))'
  kubectl --namespace {DEMO} describe dataset,thinruntime {DATASET}
The next `make demo CLUSTER=current` takes it away again at its end.""")
    return 0


def _end(visit: Visit) -> None:
    try:
        visit.end()
    except _EXPECTED as error:
        raise StoryError(
            f"not all that the demo made is gone: {error}\n"
            f"Next: `make demo CLUSTER=current` again; what is left has the label {LABEL}"
        ) from error


if __name__ == "__main__":
    sys.exit(main())
