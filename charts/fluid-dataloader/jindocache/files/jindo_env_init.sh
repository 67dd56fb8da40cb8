#!/usr/bin/env bash
# Checks that this image can load data at all, before anything is loaded.
set -euo pipefail

for program in jindo jindocache; do
  if ! command -v "$program" > /dev/null; then
    echo "dataLoad failed: the image has no program '$program'; use a JindoCache (smartdata) image" >&2
    exit 1
  fi
done
