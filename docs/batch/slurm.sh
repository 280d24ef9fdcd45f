#!/usr/bin/env bash
# A whole scan in one SLURM job of several nodes: sbatch docs/batch/slurm.sh
# In scan_input.py: Executor, Dask_scheduler and Max_time as docs/cluster.md says.
#SBATCH --job-name=mlscan
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=32
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=2G
#SBATCH --time=12:00:00
#SBATCH --output=mlscan-%j.log
set -euo pipefail
cd "$SLURM_SUBMIT_DIR"
export SLURM_JOB_ID
# when the scan has ended, its task ends the workers
srun --kill-on-bad-exit=0 --wait=60 bash -c \
  'exec docs/batch/scan_task.sh "$SLURM_JOB_ID" "$SLURM_PROCID" "$@"' task "${@:-DNNR}"
