#!/usr/bin/env bash
# Loads target paths into the cache. What to load stands in the environment:
#   DATA_PATH_0, PATH_REPLICAS_0, DATA_PATH_1, …   one path and its number of replicas each, in any spelling; or
#   DATA_PATH, PATH_REPLICAS                       the same as lists, separated by colons
# The rest of the environment says how; see options() and main().
set -euo pipefail

fail() {
  echo "dataLoad failed: $*" >&2
  exit 1
}

enabled() {
  [[ "${!1:-false}" == true ]]
}

collect_targets() {
  local index=0 path="DATA_PATH_0" replicas="PATH_REPLICAS_0"
  while [[ -n "${!path+set}" ]]; do
    paths+=("${!path}")
    counts+=("${!replicas:-1}")
    index=$((index + 1))
    path="DATA_PATH_$index" replicas="PATH_REPLICAS_$index"
  done
  if ((index == 0)); then
    IFS=: read -r -a paths <<< "${DATA_PATH:-}"
    IFS=: read -r -a counts <<< "${PATH_REPLICAS:-}"
  fi
}

# A load of a path that is not there ends well and loads nothing, so each path is looked for first. That the
# cache does not answer says nothing about the path: it is asked three times, then the load fails with what it said.
check_exists() {
  local answer status attempt
  if [[ "${CHECK_PATH:-true}" == false ]]; then return; fi
  for attempt in 1 2 3; do
    status=0
    answer=$(timeout 30s jindo fs -ls "jindo://$1" 2>&1 | tail -n 3) || status=$?
    if [[ "$answer" == *"No such file or directory"* ]]; then
      fail "there is no path '$1' in the cache: correct spec.target, or add the mount to the Dataset"
    fi
    if ((status == 0)); then return; fi
    if ((status == 124)); then answer="no answer within 30 s"; fi
    if ((attempt < 3)); then sleep "${CHECK_PAUSE:-5}"; fi
  done
  fail "cannot tell whether the cache has the path '$1' ('jindo fs -ls' ended with exit code $status:" \
    "${answer:-it said nothing}): look at the master of the cache; spec.options checkPath \"false\" loads unchecked"
}

collect_options() {
  if enabled NEED_LOAD_METADATA; then options+=(-meta); fi
  if ! enabled LOAD_METADATA_ONLY; then options+=(-data); fi
  if enabled ENABLE_ATOMIC_CACHE; then options+=(-atomic); fi
  if enabled LOAD_MEMORY_DATA; then options+=(-m); fi
  if enabled DRY_RUN_ENABLE; then options+=(-dryrun); fi
  if enabled FORCE_LOAD_ENABLE; then options+=(-f); fi
}

load() {
  echo "jindocache -load $*"
  jindocache -load "$@"
}

by_list() {
  [[ -n "${CACHE_LIST_ACCESSKEYID:-}" && -n "${CACHE_LIST_ACCESSKEYSECRET:-}" &&
    -n "${CACHE_LIST_ENDPOINT:-}" && -n "${CACHE_LIST_URL:-}" ]]
}

load_list() {
  local list="${CACHE_LIST_FILE:-/cachelist.txt}" ossutil
  ossutil=$(command -v ossutil || command -v ossutil64) ||
    fail "loading by a file list needs the program 'ossutil', which this image does not have"
  "$ossutil" -e "$CACHE_LIST_ENDPOINT" -i "$CACHE_LIST_ACCESSKEYID" -k "$CACHE_LIST_ACCESSKEYSECRET" \
    cp "$CACHE_LIST_URL" "$list"
  load ${options[@]+"${options[@]}"} -R -replica "${CACHE_LIST_REPLICA:-1}" -cachelist "$list" \
    -thread "${CACHE_LIST_THREAD:-10}" jindo:///
}

load_path() {
  local path="$1" count="$2"
  if [[ -n "${CACHE_FILTER:-}" ]]; then
    load ${options[@]+"${options[@]}"} -s -R -replica "$count" -filter "$CACHE_FILTER" \
      -thread "${CACHE_LIST_THREAD:-10}" "jindo://$path"
  else
    load ${options[@]+"${options[@]}"} -s -R -replica "$count" "jindo://$path"
  fi
}

main() {
  local index
  paths=() counts=() options=()
  collect_targets
  collect_options
  for index in "${!paths[@]}"; do
    check_exists "${paths[index]}"
    if ! by_list; then load_path "${paths[index]}" "${counts[index]:-1}"; fi
  done
  if by_list; then load_list; fi
}

main
