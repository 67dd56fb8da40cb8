"""The commands that pages show, as a reader would type them, and which test runs each."""

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/sdk.md", "examples/thin/README.md")
RUN: Mapping[str, tuple[str, ...]] = {
    ".ci/bare": ("make demo",),
    ".ci/run": ("make venv",),
    "tests/pure/test_commands.py": (
        "make help",
        "fluid manifests",
        "fluid render -f examples/jindo/dataset.yaml -f examples/jindo/runtime.yaml",
        "fluid render -f examples/thin/rclone/profile.yaml -f examples/thin/rclone/dataset.yaml",
    ),
    "tests/pure/test_new_engine.py": ("fluid new-engine my-cache",),
    "tests/plane/test_commands.py": (
        "kubectl apply -f examples/jindo",
        "kubectl get dataset,jindoruntime,dataload",
        "kubectl scale jindoruntime hbase --replicas=3",
        "kubectl describe dataset hbase",
        "kubectl delete dataset hbase",
        "make cluster",
        "make demo-plane",
    ),
    "tests/node/test_current.py": ("make demo CLUSTER=current",),
    "tests/node/test_commands.py": (
        "make node && export KUBECONFIG=$PWD/.node/kubeconfig PATH=$PWD/.node/bin:$PATH",
        "make node",
        "kubectl run hello --image=fluid.local/tools:1 --command -- sleep 3600",
        ".venv/bin/python -m cluster.node load && make deploy",
        ".venv/bin/python -m cluster.node exec cat /proc/mounts",
        "kubectl create configmap thin-supervisor --from-file=examples/thin/supervisor",
        "kubectl apply -f examples/thin/rclone/profile.yaml",
        "kubectl create secret generic s3-keys --from-literal=id=... --from-literal=secret=...",
        "kubectl apply -f examples/thin/rclone/dataset.yaml",
        "kubectl get dataset,thinruntime store",
        'kubectl annotate dataset store data.fluid.io/refresh="$(date)" --overwrite',
        "kubectl describe dataset",
        "kubectl get dataload -o wide",
        "make undeploy",
        "make deploy IMAGE=registry/fluid-operator:0.1.0",
        "make deploy KUBELET_DIR=/var/lib/k0s/kubelet",
        "make deploy",
        "make image",
        "make demo-images",
        "KEEP=1 make demo",
        "make node-down",
    ),
}
"""The commands of the pages by who runs them as they are written; only the keys of a Secret are filled in."""
NOT_RUN: Mapping[str, str] = {
    "make test": "a ring does not run the rings; `.ci/run` runs them",
    "make e2e": "a ring does not run the rings; `.ci/run` runs them",
    ".ci/run": "a ring does not run the rings; it is what runs them",
    "kind create cluster": "takes a container engine, which no ring has",
    "for tar in dist/demo/*.tar; do kind load image-archive $tar; done": "takes a container engine, too",
    "pip install": "of what, the page says in words; tests/pure/sdk/test_wheel.py installs the wheel",
    "fluid run": "does not end; every test on a control plane starts it, with the options of its kubeconfig",
}
_FENCE = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"^ {4}(\S.*)$", re.MULTILINE)
_INLINE = re.compile(
    r"`((?:[A-Z]+=\S+ )?(?:make|kubectl|fluid|pip|\.venv/bin/python|\.ci/run)\s[^`]+)`|`(\.ci/run)`"
)
_COMMENT = re.compile(r"\s{2,}#.*$")


def commands(page: str) -> list[str]:
    """All of a page, in its order, without what is said beside them."""
    text = (ROOT / page).read_text()
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return [
        *dict.fromkeys([*_blocks(text), *(_line(one) for one in _INDENTED.findall(prose)), *_spoken(prose)])
    ]


def _blocks(text: str) -> Iterator[str]:
    for block in _FENCE.findall(text):
        yield from (_line(line) for line in block.splitlines() if line.strip())


def _spoken(prose: str) -> Iterator[str]:
    yield from (re.sub(r"\s+", " ", one or other) for one, other in _INLINE.findall(prose))


def _line(line: str) -> str:
    return _COMMENT.sub("", line).strip()


def copy(folder: Path) -> Path:
    """A checkout of its own with our venv, for commands that work in the one in which they are run."""
    away = shutil.ignore_patterns(
        ".git", ".venv", ".cluster", ".node", "dist", "build", "__pycache__", ".*cache"
    )
    made = shutil.copytree(ROOT, folder / "checkout", symlinks=True, ignore=away)
    (made / ".venv").symlink_to(ROOT / ".venv")
    return made
