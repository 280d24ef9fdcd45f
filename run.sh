#!/usr/bin/env bash
# The only command of the scanner: ./run.sh --help
# Makes its own Python environment on first use, then hands over to the package in source/.
# Plain enough for the bash 3.2 of macOS.
set -euo pipefail

MODELS="DNNR GBR RFR SVR_RBF SVR_POLY DNNC RFC SVMRBF SVMPOLY"
COMMANDS="check predict plot profile refine list show export point judge retarget merge retry init completion test"

say() { printf '%s\n' "$*" >&2; }
die() { say "run.sh: $*"; exit 2; }

# The folder of this file, also when it is called through a link.
project_folder() {
  local file=$1 folder
  while [ -L "$file" ]; do
    folder=$(cd -P "$(dirname "$file")" && pwd)
    file=$(readlink "$file")
    case $file in /*) ;; *) file=$folder/$file ;; esac
  done
  cd -P "$(dirname "$file")" && pwd
}

show_help() {
  cat <<'TEXT'
Scans the parameters of a model of new physics, guided by machine learning.

  ./run.sh MODEL [options]     run a scan; the results are in result/MODEL
      DNNR       neural network, regressor
      GBR        gradient boosting, regressor
      RFR        random forest, regressor
      SVR_RBF    support vector machine, radial kernel (also SVMRBF)
      SVR_POLY   support vector machine, polynomial kernel (also SVMPOLY)
      DNNC       neural network, classifier
      RFC        random forest, classifier

      --input FILE     the settings, instead of scan_input.py
      --output DIR     where the run folder goes, instead of result/
      --new            start a new run, even if an old one could be continued
      --more N         do N more iterations, also of a finished run

  ./run.sh check [--input FILE]   check the settings and evaluate test points
  ./run.sh judge FILE...          evaluate existing SLHA files
  ./run.sh list                   the runs in result/
  ./run.sh show RUN               what a run has found, also while it is running
  ./run.sh point RUN ID           a point of a run in full
  ./run.sh point THDM             a point of the built-in model
  ./run.sh export RUN --as KIND   points as csv, latex, parquet, hdf5 or root
  ./run.sh predict ...            predict with a saved model
  ./run.sh plot ...               pictures of a run
  ./run.sh profile ...            regions of confidence of a run
  ./run.sh refine RUN             improve the best fit of a run by an optimiser
  ./run.sh init FILE [--for KIND] write an input file for you to change; KIND:
                                  function, spheno, programs or thdm
  ./run.sh completion             completion of words by Tab, for bash or zsh
  ./run.sh test [pytest options]  run the tests; --quick: in a minute
  ./run.sh COMMAND --help         the options of a command
  ./run.sh --version

A new run from the points of old ones:
  ./run.sh retarget RUN           the stored points under another target
  ./run.sh merge RUN RUN ...      runs of the same parameters become one
  ./run.sh retry RUN              evaluate timed-out and crashed points again

On first use it makes a Python environment in .venv and installs the packages of
requirements.txt. An active virtual or conda environment that has these packages
is used as it is. PYTHON=/path/to/python ./run.sh ... makes the environment with
that Python (3.10 to 3.13).
TEXT
}

show_test_help() {
  cat <<'TEXT'
Runs the tests of the scanner, on all cores. Further words go to pytest.

  ./run.sh test --quick             in a minute: without the slow tests
  ./run.sh test tests/store         those of one folder
  ./run.sh test -k resume           those with a word in their name
  ./run.sh test -n 0                in one process

The first use installs the packages of requirements-test.txt. This help does not.
TEXT
}

lower() { printf '%s' "$1" | tr '[:upper:]' '[:lower:]'; }

# A word that is neither model nor command: say so before anything is installed.
unknown_word() {
  local word hint=""
  for word in $MODELS $COMMANDS; do
    if [ "$(lower "$word")" = "$(lower "$1")" ]; then hint=" Did you mean $word?"; fi
  done
  die "'$1' is neither a model nor a command.$hint
  Models: $MODELS
  Commands: ${COMMANDS%% retarget*}
            retarget${COMMANDS##* retarget}
  More: ./run.sh --help"
}

# A model that was added: in our source, or by a package that is installed here.
added_model() {
  local place
  grep -qsF "MODELS['$1']" "$here/source/models/registry.py" && return
  for place in "${VIRTUAL_ENV:-}" "${CONDA_PREFIX:-}" "$venv"; do
    awk -v name="$1" 'BEGIN { code = 1 } /^\[/ { inside = $0 ~ /^\[mlscanner\.models\]/; next }
      inside && index($0, "=") { word = substr($0, 1, index($0, "=") - 1); gsub(/[ \t]/, "", word)
        if (word == name) { code = 0 } }
      END { exit code }' "$place"/lib/python3*/site-packages/*.dist-info/entry_points.txt \
      2>/dev/null && return
  done
  return 1
}

# ---- which Python

supported='import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))'

# Sets `python` to one that can make environments.
find_python() {
  local name seen="" lame=""
  for name in ${PYTHON:+"$PYTHON"} python3.12 python3.11 python3.10 python3.13 python3 python; do
    "$name" -c '' >/dev/null 2>&1 || { [ "$name" = "${PYTHON:-}" ] && die "PYTHON=$PYTHON does not run. Correct the path, or unset PYTHON."; continue; }
    if ! "$name" -c "$supported" >/dev/null 2>&1; then
      seen="$seen $name is $("$name" -c 'import platform; print(platform.python_version())' 2>&1);"
      [ "$name" = "${PYTHON:-}" ] && break
    elif "$name" -c 'import venv, ensurepip' >/dev/null 2>&1; then
      python=$name
      return
    else
      lame=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
      [ "$name" = "${PYTHON:-}" ] && break
    fi
  done
  if [ -n "$lame" ]; then
    die "Python $lame has no venv module. Install it (Debian, Ubuntu: sudo apt install python$lame-venv), or give another Python: PYTHON=/path/to/python ./run.sh"
  fi
  die "no Python 3.10 to 3.13 here${seen:+ (${seen# })}. Install one, or give its path: PYTHON=/path/to/python3.12 ./run.sh"
}

# An active environment with all packages is used as it is.
active_environment() {
  local base=${VIRTUAL_ENV:-${CONDA_PREFIX:-}} lacks
  [ -n "$base" ] && [ -x "$base/bin/python" ] && [ "$base" != "$venv" ] || return 1
  if ! "$base/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    say "The active environment ($base) has no Python 3.10 or newer; using $venv"
    return 1
  fi
  if ! lacks=$("$base/bin/python" "$here/source/check_environment.py" "$@" 2>/dev/null); then
    lacks="something (its check failed)"
  fi
  if [ -n "$lacks" ]; then
    say "The active environment ($base) lacks $lacks; using $venv"
    return 1
  fi
  python=$base/bin/python
}

# ---- our own environment

stamp_of() { cat "$@" | cksum; }  # the stamp is the check sum of the requirements installed

up_to_date() { # kind, requirements...
  local stamp=$venv/.installed-$1
  shift
  [ -x "$venv/bin/python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(stamp_of "$@")" ]
}

lock() {
  local told=""
  until mkdir "$here/.venv.lock" 2>/dev/null; do
    [ -d "$here/.venv.lock" ] || die "cannot write to $here. Copy the folder to a place where you may write, or activate an environment with the packages of requirements.txt."
    sleep 1
    if ! kill -0 "$(cat "$here/.venv.lock/pid" 2>/dev/null || echo x)" 2>/dev/null; then
      unlock # its owner is gone
    elif [ -z "$told" ]; then
      told=yes
      say "Waiting for another run.sh that is installing (if there is none, delete $here/.venv.lock)."
    fi
  done
  trap unlock EXIT
  echo $$ > "$here/.venv.lock/pid"
}

unlock() {
  rm -f "$here/.venv.lock/pid"
  rmdir "$here/.venv.lock" 2>/dev/null || true
}

make_venv() {
  if [ -d "$venv" ] && [ ! -f "$venv/.made_by_run_sh" ]; then
    die "$venv is not an environment that run.sh made. Install into it yourself (.venv/bin/python -m pip install -r requirements.txt) and activate it, or move it to another place."
  fi
  find_python
  say "Making a Python environment in $venv with $("$python" --version 2>&1)"
  mkdir -p "$venv"
  : > "$venv/.made_by_run_sh"
  if ! "$python" -m venv --clear "$venv" > "$here/.venv.lock/log" 2>&1; then
    : > "$venv/.made_by_run_sh"
    die "$(tail -n 1 "$here/.venv.lock/log"; rm -f "$here/.venv.lock/log") - $python could not make an environment. Give another Python: PYTHON=/path/to/python ./run.sh"
  fi
  rm -f "$here/.venv.lock/log"
  : > "$venv/.made_by_run_sh"
}

# pip, with its present step on one line where there is a terminal.
pip_install() {
  local log=$venv/install.log line
  PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -m pip install \
    --no-input --progress-bar off --retries 3 "$@" < /dev/null 2>&1 | tee "$log" | while IFS= read -r line; do
      case $line in
        Collecting*|Downloading*|Installing*)
          if [ -t 2 ]; then printf '\r\033[K  %.70s' "$line" >&2; fi ;;
      esac
    done || return 1
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
}

why_pip_failed() {
  local log=$venv/install.log
  if grep -qiE 'No space left|Disk quota' "$log"; then
    echo "the disk is full. Make room (about 3 GB are needed) and run this again."
  elif grep -qiE 'NewConnectionError|NameResolution|name resolution|getaddrinfo|Network is unreachable|Connection (refused|reset|aborted|broken)|ConnectTimeout|ReadTimeout|ProxyError|SSLError|timed out|IncompleteRead' "$log"; then
    echo "pip could not reach the package index. Connect to the network (behind a proxy: export https_proxy=...) and run this again."
  elif grep -qE 'No matching distribution found' "$log"; then
    echo "$(grep -m 1 -oE 'No matching distribution found.*' "$log") and $("$venv/bin/python" --version). Remove .venv and give another Python: PYTHON=python3.11 ./run.sh"
  else
    echo "$(grep -E '^ *(ERROR|error)' "$log" | tail -n 1 | cut -c 1-200) See $log, correct that and run this again."
  fi
}

install() { # kind, requirements...
  local kind=$1 file lists=() start=$SECONDS
  shift
  lock
  trap 'printf "\n" >&2; unlock; say "run.sh: interrupted while installing. Run it again to continue."; exit 130' INT TERM HUP
  if ! up_to_date "$kind" "$@"; then
    if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c "$supported; import pip" 2>/dev/null; then
      make_venv
    fi
    for file in "$@"; do lists+=(-r "$file"); done
    say "Installing the packages of requirements.txt$([ "$kind" = run ] || echo " and requirements-$kind.txt") (once; some minutes, 3 GB)"
    rm -f "$venv/.installed-$kind"
    pip_install "${lists[@]}" || die "$(why_pip_failed)"
    stamp_of "$@" > "$venv/.installed-$kind"
    say "Installed in $((SECONDS - start)) s."
  fi
  trap - INT TERM HUP EXIT
  unlock
}

# `import mlscanner` in our environment is this folder, also after it has been moved: Python counts
# the path from the folder of the .pth file. Nothing of pip is needed for it.
importable() {
  local packages
  for packages in "$venv"/lib/python3*/site-packages; do
    if [ -d "$packages" ] && [ ! -f "$packages/mlscanner.pth" ]; then
      echo ../../../../.package 2>/dev/null > "$packages/mlscanner.pth" || true  # a folder of another user
    fi
  done
}

# Sets `python`. kind, requirements...
environment() {
  local kind=$1
  shift
  active_environment "$@" && return
  up_to_date "$kind" "$@" || install "$kind" "$@"
  importable
  python=$venv/bin/python
}

# ---- what to do

here=$(project_folder "${BASH_SOURCE[0]}")
venv=$here/.venv
python=""

case ${1:-} in
  "") die "no model given. A scan: ./run.sh DNNR. All commands: ./run.sh --help" ;;
  -h|--help|help) show_help; exit 0 ;;
  --version) sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$here/source/version.py"; exit 0 ;;
  test)
    shift
    case " $* " in *" --help "*|*" -h "*) show_test_help; exit 0 ;; esac
    environment test "$here/requirements.txt" "$here/requirements-dask.txt" "$here/requirements-test.txt"
    cd "$here"
    # on all cores, a file of tests on one of them, the longest first (conftest.py); `-n 0` after it:
    # in one process
    exec "$python" -m pytest -n logical --dist loadfile --no-loadscope-reorder "$@"
    ;;
esac

case " $MODELS $COMMANDS " in
  *" $1 "*) ;;
  *) added_model "$1" || unknown_word "$1" ;;
esac
environment run "$here/requirements.txt"
exec "$python" "$here/.package/mlscanner_start.py" "$@"
