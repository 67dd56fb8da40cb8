#!/usr/bin/env bash
# Loads paths into the cache: `alluxio_dataload.sh [--metadata] -- PATH REPLICAS [PATH REPLICAS]...`. With --metadata
# the sources are listed anew first. Arguments are handed on as they are: nothing is expanded, split or evaluated.
# After each path it prints how far it is: a line with a JSON object of strings, which Fluid shows in the
# `status.infos` of the DataLoad. The last line has under `Failure` what went wrong.
set -uo pipefail

metadata=false
while (($# > 0)); do
  case "$1" in
    --metadata) metadata=true ;;
    --) shift && break ;;
  esac
  shift
done
targets=("$@")
total=$((${#targets[@]} / 2))

# The variables of the cache name others, which the entrypoint of an image would replace.
options="${ALLUXIO_JAVA_OPTS:-}"
export ALLUXIO_JAVA_OPTS="${options//'${ALLUXIO_CLIENT_HOSTNAME}'/${ALLUXIO_CLIENT_HOSTNAME:-}}"

# A text as a JSON string, without what such a string cannot have.
quoted() {
  local text="${1//[[:cntrl:]]/ }"
  text="${text//\\/\\\\}"
  printf '"%s"' "${text//\"/\\\"}"
}

progress() {
  local share=$((total > 0 ? 100 * $1 / total : 100))
  printf '{"PathsLoaded":"%d","PathsTotal":"%d","Progress":"%d%%"}\n' "$1" "$total" "$share"
}

fail() {
  printf '{"PathsLoaded":"%d","PathsTotal":"%d","Failure":%s}\n' "$done_" "$total" "$(quoted "$1")"
  exit 1
}

# Runs a command, whose last line is the reason if it fails. Nothing else is printed: the last line is progress.
# It is tried three times: after a restart of a master, connections of the job master fail once each.
run() {
  local said status attempt
  for attempt in 1 2 3; do
    status=0
    said="$("$@" 2>&1 | tail -n 20)" || status=$?
    if ((status == 0)); then return; fi
    if ((attempt < 3)); then sleep "${LOAD_PAUSE:-3}"; fi
  done
  printf '%s\n' "$said"
  fail "alluxio $2 $3 of ${!#} ended with exit code $status: $(printf '%s' "$said" | tail -n 1 | head -c 500)"
}

# Whether this version has `fs distributedLoad`: it was taken out with 2.9.4. A version that nobody can read has it.
has_distributed_load() {
  local said major minor patch
  said="$(alluxio version 2> /dev/null | tail -n 1)"
  if [[ ! "$said" =~ ^v?([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6}) ]]; then return 0; fi
  major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]} patch=${BASH_REMATCH[3]}
  ((major * 1000000 + minor * 1000 + patch < 2009004))
}

distributed=true
has_distributed_load || distributed=false
done_=0
progress 0
for ((index = 0; index < ${#targets[@]}; index += 2)); do
  path="${targets[index]}" replicas="${targets[index + 1]}"
  if [[ "$metadata" == true ]]; then
    run alluxio fs loadMetadata -R -F "$path"
  fi
  run alluxio fs setReplication --max "$replicas" -R "$path"
  if [[ "$distributed" == true ]]; then
    run alluxio fs distributedLoad --replication "$replicas" "$path"
  else
    run alluxio fs load "$path"
  fi
  done_=$((done_ + 1))
  progress "$done_"
done
