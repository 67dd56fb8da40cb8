"""`make demo-plane`: from nothing to a Bound Dataset and a Complete DataLoad, and back to nothing.

`KEEP=1` leaves everything running. Exit code 0 means that all of it happened.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from cluster import (
    BuildError,
    ControlPlane,
    KubectlError,
    Operator,
    OperatorError,
    Sizes,
    StartError,
    attach,
    start,
)
from cluster.story import Story, StoryError, finish_undisturbed, perform
from fluid.models import DataLoad, Dataset, DatasetCondition, OperationCondition
from fluid.naming import GROUP

NAMESPACE = "fluid-demo"
_EXAMPLES = Path(__file__).parent.parent / "examples" / "jindo"
_KINDS = "dataset,jindoruntime,dataload"
_CHILDREN = f"{_KINDS},statefulset,daemonset,job,pod,service,pvc,configmap"
_EXPECTED = (BuildError, StartError, OperatorError, KubectlError, OSError)


class Demo:
    """One run on one control plane."""

    def __init__(self, plane: ControlPlane, operator: Operator) -> None:
        self._plane = plane
        self._operator = operator
        self._story = Story()

    def run(self, *, keep: bool) -> None:
        """Go through all of it."""
        self._story.say("operator: apply CRDs and rights, start `fluid run` as its own ServiceAccount")
        self._operator.install()
        self._operator.start()
        self._begin()
        self._until("the Dataset is Bound and the DataLoad Complete", self._complete)
        self._show()
        if keep:
            return
        self._story.say("delete everything; the Dataset takes its runtime with it")
        self._kubectl("delete", "dataset,dataload", "--all", "--wait=false")
        self._until("nothing is left", lambda: not self._left())
        self._plane.kubectl("delete", "namespace", NAMESPACE, "--wait=false")
        self._story.say("nothing is left: no object, no volume, no label on a node")

    def _begin(self) -> None:
        made = self._plane.kubectl("create", "namespace", NAMESPACE, "--dry-run=client", "-o", "yaml")
        self._plane.kubectl("apply", "-f", "-", stdin=made)
        if self._left():
            self._story.say("remove what an earlier demo left")
            self._kubectl("delete", "dataset,dataload", "--all", "--wait=false")
            self._until("the earlier demo is gone", lambda: not self._left())
        # The simulated cache reports what a real one of this size would: two workers with 2 GiB each.
        self._plane.answers.sizes(Sizes(namespace=NAMESPACE, memory_total=4 << 30))
        self._story.say("kubectl apply -f examples/jindo")
        self._kubectl("apply", "-f", str(_EXAMPLES))

    def _complete(self) -> bool:
        """Show what has changed; whether the story is over."""
        dataset = Dataset.model_validate_json(self._get("datasets", "hbase"))
        load = DataLoad.model_validate_json(self._get("dataloads", "warm-hbase"))
        bound = (dataset.status.phase if dataset.status else None) or "NotBound"
        loaded = (load.status.phase if load.status else None) or "Pending"
        self._tell("Dataset hbase", bound, dataset.status.conditions if dataset.status else None)
        self._tell("DataLoad warm-hbase", loaded, load.status.conditions if load.status else None)
        if loaded == "Failed":
            raise StoryError("the DataLoad failed")
        return (bound, loaded) == ("Bound", "Complete")

    def _tell(
        self, who: str, phase: str, conditions: Sequence[DatasetCondition | OperationCondition] | None
    ) -> None:
        messages = [one.message for one in conditions or () if one.message]
        self._story.tell(who, phase, messages[-1] if messages else "")

    def _show(self) -> None:
        self._story.say(f"kubectl get {_KINDS} -o wide")
        print(self._kubectl("get", _KINDS, "-o", "wide"))

    def _left(self) -> list[str]:
        """The objects of the demo that still exist in the cluster."""
        here = self._kubectl("get", _CHILDREN, "-o", "name").split()
        volumes = self._plane.kubectl("get", "pv", "-l", "fluid.io/dataset-id", "-o", "name").split()
        labels = self._plane.kubectl("get", "nodes", "--show-labels", "--no-headers")
        marks = [label for label in labels.replace(",", " ").split() if NAMESPACE in label]
        ours = [name for name in here if name != "configmap/kube-root-ca.crt"]
        return ours + [volume for volume in volumes if NAMESPACE in volume] + marks

    def _until(self, what: str, holds: Callable[[], bool]) -> None:
        def checked() -> bool:
            if not self._operator.running:
                raise OperatorError("the operator ended")
            return holds()

        self._story.until(what, checked, lambda: self._kubectl("get", _CHILDREN, "-o", "wide"))

    def _get(self, plural: str, name: str) -> str:
        path = f"/apis/{GROUP}/v1alpha1/namespaces/{NAMESPACE}/{plural}/{name}"
        return self._plane.api().get(path)

    def _kubectl(self, *arguments: str) -> str:
        return self._plane.kubectl("--namespace", NAMESPACE, *arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; everything that it starts ends with it. Arguments are those of the command by default."""
    parser = argparse.ArgumentParser(prog="python -m cluster.demo", description=__doc__)
    parser.add_argument("--directory", type=Path, default=Path(".cluster"), help="files of the cluster")
    directory: Path = parser.parse_args(arguments).directory.absolute()
    keep = os.environ.get("KEEP", "") not in {"", "0"}
    return perform(lambda: _demo(directory, keep=keep), *_EXPECTED)


def _demo(directory: Path, *, keep: bool) -> int:
    running = attach(directory)
    print("cluster: " + ("the running one" if running else "build what is missing, start it"), flush=True)
    plane = running or _start(directory, tethered=not keep)
    operator: Operator | None = None
    kept = False
    try:
        operator = Operator(plane, tethered=not keep)
        Demo(plane, operator).run(keep=keep)
        kept = keep
    except (StoryError, *_EXPECTED) as error:
        print(f"error: {error}\nthe operator's last lines:", file=sys.stderr)
        print(operator.tail() if operator else "(it was not started)", file=sys.stderr)
        return 1
    finally:
        if not kept:
            _end(plane, operator, stop=not running)
    if kept:
        _instruct(plane)
    return 0


def _start(directory: Path, *, tethered: bool) -> ControlPlane:
    try:
        return start(directory, tethered=tethered)
    except KeyboardInterrupt:
        if directory.is_dir():  # there is none yet while programs are built
            ControlPlane(directory).stop()
        raise


def _end(plane: ControlPlane, operator: Operator | None, *, stop: bool) -> None:
    """Stop everything that was started here; signals are ignored meanwhile."""
    finish_undisturbed()
    if operator is not None:
        operator.stop()
    if stop:
        plane.stop()


def _instruct(plane: ControlPlane) -> None:
    print(f"""Cluster and operator keep running. In your shell:
  export KUBECONFIG={shlex.quote(str(plane.kubeconfig))} PATH={shlex.quote(str(plane.bin))}:"$PATH"
  kubectl --namespace {NAMESPACE} get {_KINDS}
  kubectl --namespace {NAMESPACE} scale jindoruntime hbase --replicas=3
The operator's log is in {plane.directory / "operator"}. Stop everything with: make cluster-down""")


if __name__ == "__main__":
    sys.exit(main())
