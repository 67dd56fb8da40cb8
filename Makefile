# Every target makes what it needs; `make help` lists them. Nothing is installed outside of this folder
# and of the cache folder ($FLUID_CACHE, else ~/.cache/fluid) that holds the built cluster programs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help venv generate check-generate lint types imports test test-pure test-mounts test-plane test-node e2e \
        csi-sanity fuzz cluster cluster-down node node-down demo demo-images demo-plane bench bench-node deploy \
        undeploy image clean lock

BIN := .venv/bin
STAMP := .venv/.installed
# The interpreter that makes the venv: the first one here that is new enough.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

help:  ## show this list
	@grep -hE '^[a-z0-9-]+:.* ## ' $(MAKEFILE_LIST) | sed -E 's/:.* ## /\t/' | expand -t 16

venv: $(STAMP)  ## create .venv from requirements.lock
$(STAMP): requirements.lock pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "error: no Python >= 3.11 found; install one or run make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -P cluster/packages.py venv
	@$(BIN)/pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lock: $(STAMP)
	@# after a change of the dependencies in pyproject.toml
	@command -v uv >/dev/null || { echo "error: make lock needs uv on PATH (pip install uv)" >&2; exit 1; }
	uv pip compile --quiet --universal --python-version 3.11 --extra csi --group dev --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

EXAMPLE_CODEGEN := $(BIN)/fluid codegen --schemas examples/engine-hello/schemas --out examples/engine-hello/fluid_hello

generate: $(STAMP)  ## write generated/ and the example engine's models from schemas/ (check-generate: fail on drift)
	$(BIN)/python codegen.py
	$(EXAMPLE_CODEGEN)

check-generate: $(STAMP)  # fail when generated/, or the example engine's models and CRD, is not what the schemas give
	$(BIN)/python codegen.py --check
	$(EXAMPLE_CODEGEN) --check

lint: $(STAMP)  ## ruff: rules and format (types: pyright; imports: layer contracts)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)  # pyright, strict
	$(BIN)/pyright

imports: $(STAMP)  # layer contracts
	$(BIN)/lint-imports

test: $(STAMP)  ## test-pure, test-mounts (as root, else skipped), test-plane; programs build while the first runs
	@mkdir -p build; $(BIN)/python -m cluster build >build/cluster.log 2>&1 & programs=$$!; pure=0; mounts=0; plane=0; \
	$(MAKE) --no-print-directory test-pure || pure=$$?; \
	wait $$programs || { tail -n 40 build/cluster.log >&2; exit 1; }; \
	$(MAKE) --no-print-directory test-mounts || mounts=$$?; \
	$(MAKE) --no-print-directory test-plane || plane=$$?; \
	[ $$pure -eq 0 ] || echo "make test: the pure ring failed (see above)" >&2; \
	[ $$mounts -eq 0 ] || echo "make test: the ring of mounts failed (see above)" >&2; exit $$((pure | mounts | plane))

test-pure: $(STAMP)  # tests that need no cluster
	$(BIN)/pytest --ignore=tests/mounts --ignore=tests/plane --ignore=tests/node

test-mounts: $(STAMP)  # the node plugin on real mounts; skipped with the reason where none can be made
	$(BIN)/pytest tests/mounts

test-plane: $(STAMP)  # tests on a real control plane of their own
	$(BIN)/pytest tests/plane

test-node: $(STAMP)  # tests on a real node of their own; skipped with the reason where none can run
	$(BIN)/pytest tests/node

e2e: test-node  ## tests on a real node: kubelet, containerd, FUSE, the operator in the cluster (root)

fuzz: $(STAMP)  # fluid render on 5000 manifests that are changed at random
	@$(BIN)/python -m tests.fuzz_render

csi-sanity: $(STAMP)  ## the specs of the Kubernetes project against the node plugin, as a table (root)
	@$(BIN)/python -m tests.mounts.sanity

cluster: $(STAMP)  ## build (once) and start a control plane; kubeconfig at .cluster/kubeconfig
	$(BIN)/python -m cluster up

cluster-down: $(STAMP)  ## stop it and remove .cluster
	$(BIN)/python -m cluster down

node: $(STAMP)  ## build (once) and start a real node, as root; kubeconfig at .node/kubeconfig
	$(BIN)/python -m cluster.node up

node-down: $(STAMP)  ## stop it and remove .node
	$(BIN)/python -m cluster.node down

demo: $(STAMP)  ## as root: S3 to a pod through a Dataset, on a real node; else demo-plane [CLUSTER=current] [KEEP=1]
	$(if $(CLUSTER),PATH="$(KUBECTL_PATH)" $(BIN)/python -m cluster.node.current $(CLUSTER),$(BIN)/python -m cluster.node.demo)

demo-images: $(STAMP)  ## images that make demo CLUSTER=current needs, in dist/demo; how to load them into a cluster
	@$(BIN)/python -m cluster.node.shipped

demo-plane: $(STAMP)  ## control plane, operator, JindoRuntime: Dataset to Bound, DataLoad to Complete; no node
	$(BIN)/python -m cluster.demo

bench: $(STAMP)  ## measure 100 Datasets at once against the floor
	$(BIN)/python -m bench

bench-node: $(STAMP)  ## measure on real nodes, as root: kills under readers, many pods, throughput
	$(BIN)/python -m bench.node

# The kubectl of the machine, else the one of a started local cluster.
KUBECTL_PATH = $(PATH):$(CURDIR)/.cluster/bin:$(CURDIR)/.node/bin
KUBECTL := PATH="$(KUBECTL_PATH)" kubectl
HAVE_KUBECTL = $(KUBECTL) version --client >/dev/null 2>&1 || \
  { echo "error: no kubectl on PATH; install one, or run make cluster (or make node) and export its KUBECONFIG" >&2; exit 1; }

deploy: $(STAMP)  ## CRDs, RBAC and Deployment to the current context [IMAGE=... KUBELET_DIR=... RUNTIME_POLICY=...] (undeploy)
	@$(HAVE_KUBECTL)
	$(BIN)/fluid manifests $(if $(IMAGE),--image $(IMAGE)) $(if $(KUBELET_DIR),--kubelet-dir $(KUBELET_DIR))$(if $(RUNTIME_POLICY), --runtime-policy $(RUNTIME_POLICY)) | $(KUBECTL) apply --server-side -f -

# Cluster-wide kinds, such as profiles, need nobody to clean up after them: they go with their kinds.
undeploy: $(STAMP)  # delete what deploy applied; not while something needs the operator to be deleted itself
	@$(HAVE_KUBECTL)
	@found=$$($(BIN)/fluid manifests --crds | $(KUBECTL) get --ignore-not-found --no-headers -f - \
	  -o custom-columns=N:.metadata.name,S:.spec.scope); \
	kinds=$$(awk '$$2 == "Namespaced" {print $$1}' <<<"$$found" | paste -sd,); \
	wide=$$(awk '$$2 == "Cluster" {print $$1}' <<<"$$found" | paste -sd,); \
	left=$$([ -z "$$kinds" ] || $(KUBECTL) get "$$kinds" --all-namespaces --output name); \
	[ -z "$$left" ] || { echo "error: delete these first, the operator has to clean up after them:" $$left >&2; exit 1; }; \
	gone=$$([ -z "$$wide" ] || $(KUBECTL) get "$$wide" --output name); \
	[ -z "$$gone" ] || echo "these are deleted with their kinds:" $$gone
	@# the kinds before the operator, which can still clean up after what somebody has made meanwhile
	@$(BIN)/fluid manifests --crds | $(KUBECTL) annotate --overwrite -f - data.fluid.io/allow-deletion=true >/dev/null 2>&1 || true
	$(BIN)/fluid manifests --crds | $(KUBECTL) delete --ignore-not-found -f -
	$(BIN)/fluid manifests | $(KUBECTL) delete --ignore-not-found -f -

image: $(STAMP)  ## build the image as an OCI tar, without an engine
	$(BIN)/python -m cluster.image

clean:  ## stop cluster and node; remove .venv, .cluster, .node and what tools left here
	@[ ! -x $(BIN)/python ] || [ ! -d .cluster ] || $(BIN)/python -m cluster down
	@[ ! -x $(BIN)/python ] || [ ! -d .node ] || $(BIN)/python -m cluster.node down
	rm -rf .venv .cluster .node dist build .ruff_cache .hypothesis .import_linter_cache
