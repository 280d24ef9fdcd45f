#!/usr/bin/env bash
# One task of a job that holds a whole scan: number 0 is the scheduler and the scan, all others are
# workers. Started by slurm.sh and htcondor.sub, in the folder of the scanner, on a disk that all
# tasks see.
#
#   scan_task.sh JOB NUMBER MODEL [options of run.sh]
#
# Connections are encrypted, with a key that is made for this job and readable by you only.
set -euo pipefail
umask 077
job=$PWD/dask-job-$1
number=$2
shift 2
python=${MLSCAN_PYTHON:-$PWD/.venv/bin/python}
export MLSCAN_SCHEDULER=$job/scheduler.json OMP_NUM_THREADS=1
export DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=True
export DASK_DISTRIBUTED__COMM__TLS__CA_FILE=$job/cert.pem
for role in SCHEDULER WORKER CLIENT; do
  export "DASK_DISTRIBUTED__COMM__TLS__${role}__CERT=$job/cert.pem"
  export "DASK_DISTRIBUTED__COMM__TLS__${role}__KEY=$job/key.pem"
done
# one address of this node, not all; name the right one in MLSCAN_ADDRESS where a node has several
address=${MLSCAN_ADDRESS:-$("$python" -c 'import socket; print(socket.gethostbyname(socket.gethostname()))')}
listen=(--protocol tls --host "$address" --no-dashboard --dashboard-address 127.0.0.1:0)

if [ "$number" != 0 ]; then
  until [ -s "$MLSCAN_SCHEDULER" ]; do sleep 1; done
  exec "$python" -m distributed.cli.dask_worker --scheduler-file "$MLSCAN_SCHEDULER" "${listen[@]}" \
    --nthreads 1 --death-timeout 60 --local-directory "${TMPDIR:-/tmp}"
fi

mkdir -p "$job"
openssl req -x509 -newkey rsa:3072 -nodes -days 30 -subj /CN=mlscan \
  -keyout "$job/key.pem" -out "$job/cert.pem" 2> /dev/null
"$python" -m distributed.cli.dask_scheduler --scheduler-file "$job/new.json" --port 0 "${listen[@]}" &
scheduler=$!
trap 'kill $scheduler 2> /dev/null || true; rm -rf "$job"' EXIT
until [ -s "$job/new.json" ]; do
  kill -0 $scheduler
  sleep 1
done
mv "$job/new.json" "$MLSCAN_SCHEDULER"  # whole, before a worker reads it
./run.sh "$@"
