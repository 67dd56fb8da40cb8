#!/bin/bash
# Starts a server as Fluid's charts ask for it: `entrypoint.sh SERVICE [--no-format | --fuse-opts=OPTIONS PATH [FROM]]`.
# Its settings are Alluxio's variables of the environment (ALLUXIO_JAVA_OPTS, ALLUXIO_MASTER_JAVA_OPTS and so on).
set -euo pipefail
. "${ALLUXIO_HOME:-/opt/alluxio}/libexec/launch.sh"

service=${1:?"which service: master-only, job-master, worker-only, job-worker, proxy or fuse"}
shift
common=${ALLUXIO_JAVA_OPTS-}
format() { [[ ${1-} == --no-format ]] || "$home/bin/alluxio" "$2"; }
restore=()
if [[ -n ${JOURNAL_BACKUP-} ]]; then restore=("-Dalluxio.master.journal.init.from.backup=$JOURNAL_BACKUP"); fi

case $service in
  master-only)
    format "${1-}" formatMaster
    launch alluxio.master.AlluxioMaster Console "$common" "${ALLUXIO_MASTER_JAVA_OPTS-}" "${restore[@]}" -- ;;
  job-master)
    launch alluxio.master.AlluxioJobMaster Console "$common" "${ALLUXIO_JOB_MASTER_JAVA_OPTS-}" -- ;;
  worker-only)
    format "${1-}" formatWorker
    launch alluxio.worker.AlluxioWorker Console "$common" "${ALLUXIO_WORKER_JAVA_OPTS-}" -- ;;
  job-worker)
    launch alluxio.worker.AlluxioJobWorker Console "$common" "${ALLUXIO_JOB_WORKER_JAVA_OPTS-}" -- ;;
  proxy)
    launch alluxio.proxy.AlluxioProxy Console "$common" "${ALLUXIO_PROXY_JAVA_OPTS-}" -- ;;
  fuse)
    options=()
    if [[ ${1-} == --fuse-opts=* ]]; then options=(-o "${1#--fuse-opts=}"); shift; fi
    exec "$home/integration/fuse/bin/alluxio-fuse" mount "${options[@]}" "$@" ;;
  init_users | chmod_fuse_mountpoint) exec "$home/libexec/init-users" "$service" "$@" ;;
  *) echo "entrypoint.sh: unknown service: $service" >&2; exit 1 ;;
esac
