#!/usr/bin/env bash
# What the operator runs in a master beside commands of Alluxio. Arguments are handed on as they are: nothing is
# expanded, split or evaluated.
#   mount.sh --metrics HOST:PORT...   prints metrics of the cluster, of the master that answers: the leader
#   mount.sh WORD... PATH ADDRESS     mounts a source; the words are those of `alluxio fs mount`, and
#                                     `--secret OPTION=FILE` for an option whose value is in a file
#   mount.sh                          says whether the cache answers, as the startup probe of an earlier
#                                     installation runs it: the operator mounts
set -euo pipefail

if (($# == 0)); then
  exec alluxio fsadmin report
fi

# The web server of the leader: a command of Alluxio would start a Java machine for it.
metrics() {
  printf 'GET /metrics/prometheus/ HTTP/1.0\r\nHost: %s\r\n\r\n' "$1" >&3
  grep -E '^Cluster_(Capacity(Total|Used)|BytesRead(Local|Remote|UfsAll)|BytesRead(Local|Remote|Ufs)Throughput) ' <&3
}

if [[ "$1" == --metrics ]]; then
  shift
  for master in "$@"; do
    if metrics "$master" 3<> "/dev/tcp/${master%:*}/${master##*:}"; then exit 0; fi
  done 2> /dev/null
  echo "no master of $* answers" >&2
  exit 1
fi

words=() secrets=()
while (($# > 0)); do
  if [[ "$1" == --secret && $# -gt 1 ]]; then
    option="${2%%=*}" file="${2#*=}"
    if [[ ! -r "$file" ]] || ! value="$(< "$file")" || [[ -z "$value" ]]; then
      echo "there is no credential for $option in $file: add the key to the Secret" >&2
      exit 1
    fi
    words+=(--option "$option=$value")
    secrets+=("$value")
    shift 2
  else
    words+=("$1")
    shift
  fi
done

# A mount that fails is printed with all its options, credentials too: only the last line, the reason, is passed on.
fail() {
  local said="${1##*$'\n'}" value
  for value in ${secrets[@]+"${secrets[@]}"}; do
    said="${said//"$value"/******}"
  done
  echo "$said" >&2
  exit 1
}

said="$(alluxio fs mount "${words[@]}" 2>&1)" || fail "$said"
# Object stores are not asked when they are mounted: a wrong key would look like an empty folder.
path="${words[-2]}"
if ! said="$(alluxio fs ls "$path" 2>&1 | tail -n 1)"; then
  alluxio fs unmount "$path" > /dev/null 2>&1 || true
  fail "$said"
fi
