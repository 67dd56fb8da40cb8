#!/usr/bin/env bash
# send_backup.sh HOST PORT TOKEN WEB: what the operator runs in each master while a DataBackup waits at HOST:PORT.
#
# The leader makes a backup and sends it; this ends as soon as that has begun. It ends with 1 where it is to be tried again
# soon: nobody waits yet. WEB is the port of the master's own web server. What is said to HOST stands in receive_backup.py.
# No argument is evaluated.
set -uo pipefail
host=$1 port=$2 token=$3 web=$4
numbers=$'(^|\n) *([0-9]+) +([0-9]+) +([0-9]+) *(\n|$)' # a line of files, folders and bytes

# Of several masters only the leader answers this page, and only the leader writes backups.
leads() {
  local status=
  printf 'GET /api/v1/master/info HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&4
  IFS= read -r -t 10 status <&4
  [[ "$status" == "HTTP/1."*" 200"* ]]
}

say() { printf '%s\n' "$1" >&3; }

# The last line of what a command printed is its reason.
fail() {
  local last="${1##*$'\n'}"
  say "failed ${last:0:300}"
  exit 1
}

clean() {
  kill "$beat" 2> /dev/null
  rm -rf -- "$folder"
}

send() {
  folder="$(mktemp -d)" || fail "no temporary folder in the master"
  local me=$BASHPID
  while sleep 10 && kill -0 "$me"; do say wait; done &
  beat=$!
  trap clean EXIT
  say 'step counting'
  said="$(timeout 7200 alluxio fs count / 2>&1)" || fail "$said"
  [[ "$said" =~ $numbers ]] || fail "alluxio fs count prints no numbers but: ${said##*$'\n'}"
  say "count ${BASH_REMATCH[2]} ${BASH_REMATCH[3]} ${BASH_REMATCH[4]}"
  say 'step saving'
  said="$(timeout 7200 alluxio fsadmin backup "$folder" --local 2>&1)" || fail "$said"
  found=("$folder"/*.gz)
  [[ -f "${found[0]}" ]] || fail 'another master made it: set alluxio.master.backup.delegation.enabled to false'
  sum="$(sha256sum < "${found[0]}")" && size="$(wc -c < "${found[0]}")" || fail 'the backup cannot be read'
  kill "$beat" && wait "$beat" 2> /dev/null
  say "file $((size)) ${sum%% *}"
  cat -- "${found[0]}" >&3
  IFS= read -r -t 600 said <&3 # the folder stays until the files are where they belong
}

leads 2> /dev/null 4<> "/dev/tcp/127.0.0.1/$web" || { echo 'this master does not lead'; exit 0; }
for ((tries = 0; ; tries++)); do
  if { exec 3<> "/dev/tcp/$host/$port"; } 2> /dev/null; then break; fi
  if ((tries == ${TRIES:-20})); then echo "nobody waits at $host:$port"; exit 1; fi
  sleep 1
done
say "backup 1 $token"
IFS= read -r -t 10 answer <&3 || answer=busy
if [[ "$answer" == busy ]]; then echo 'a master sends already'; exit 0; fi
[[ "$answer" == go ]] || { echo "the DataBackup says ${answer:0:40}"; exit 1; }
send > /dev/null 2>&1 < /dev/null 4>&- &
