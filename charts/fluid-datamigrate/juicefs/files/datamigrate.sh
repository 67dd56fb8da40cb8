#!/bin/sh
# datamigrate.sh FROM TO [FLAG...]: copies by `juicefs sync`. No argument is evaluated.
#
# CLI, TIMEOUT           the program, and how long it may run
# EXTERNAL               the end whose address gets the credentials EXTERNAL_*: "from", "to" or ""
# WORKERS                names of hosts, separated by commas; empty for none
# TARGET_SSH_PORT, SSH_READY_TIMEOUT, POD_IP   how these are reached, and within how many seconds
set -eu

# Every byte as %XX, so that no credential can end its place in an address.
encoded() {
  printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'
}

with_credentials() {
  user="$(encoded "${EXTERNAL_ACCESS_KEY:-}"):$(encoded "${EXTERNAL_SECRET_KEY:-}")"
  [ -z "${EXTERNAL_TOKEN:-}" ] || user="$user:$EXTERNAL_TOKEN" # the client takes it as it is
  printf '%s://%s@%s' "${1%%://*}" "$user" "${1#*://}"
}

from=$1 to=$2
shift 2
case ${EXTERNAL:-} in
  from) from=$(with_credentials "$from") ;;
  to) to=$(with_credentials "$to") ;;
esac

[ ! -s /scripts/prepare.sh ] || sh -eu /scripts/prepare.sh

if [ -n "${WORKERS:-}" ]; then
  printf 'Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  Port %s\n' "$TARGET_SSH_PORT" \
    >>/etc/ssh/ssh_config
  /usr/sbin/sshd -p "$TARGET_SSH_PORT"
  for host in $(printf %s "$WORKERS" | tr , ' '); do
    if ! timeout "$SSH_READY_TIMEOUT" sh -c 'until ssh -o ConnectTimeout=2 "$1" true; do sleep 1; done' sh "$host"; then
      echo "worker $host did not come within $SSH_READY_TIMEOUT seconds" >&2
      exit 1
    fi
  done
  set -- --worker "localhost,$WORKERS" --manager-addr "$POD_IP" "$@"
fi

exec timeout "$TIMEOUT" "$CLI" sync "$@" "$from" "$to"
