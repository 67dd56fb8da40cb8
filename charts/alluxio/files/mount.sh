#!/usr/bin/env bash
# Mounts one source. The arguments are those of `alluxio fs mount`, and `--secret OPTION=FILE` for an option whose
# value is in a file. Each is handed on as it is: nothing is expanded, split or evaluated. Without arguments, as the
# startup probe of an earlier installation runs it, it says whether the cache answers: the operator mounts.
set -euo pipefail

if (($# == 0)); then
  exec alluxio fsadmin report
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
