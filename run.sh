#!/usr/bin/env bash
# The workshop: each command makes the environment it needs, then does one thing.
#   ./run.sh demo    the whole product in a minute, offline
#   ./run.sh test    every test (more arguments go to pytest)
#   ./run.sh lint    ruff, mypy, import contracts, yardsticks
#   ./run.sh corpus  how good the reader is, on our own gold articles
#   ./run.sh bench   speed and quality beside the peers
#   ./run.sh serve   the documentation, on http://127.0.0.1:8001
#   ./run.sh docs    write docs/cli.md anew from the program
#   ./run.sh lock    write the lock files anew from pyproject.toml
#   ./run.sh all     lint, test, corpus
set -euo pipefail
cd "$(dirname "$0")"
venv=.venv
export PIP_DISABLE_PIP_VERSION_CHECK=1

python() { "$venv/bin/python" "$@"; }

# Install a lock file once; a stamp with its checksum makes the next run start at once.
ensure() {
  local lock=$1 stamp="$venv/.$1.stamp" sum
  if [ ! -x "$venv/bin/python" ]; then
    local py=${PYTHON:-python3}
    "$py" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
      { echo "raisewire needs Python 3.11 or newer; set PYTHON to one" >&2; exit 2; }
    echo "making $venv …" >&2
    "$py" -m venv "$venv"
  fi
  sum=$(cksum "$lock" pyproject.toml)
  [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
  echo "installing $lock (hashes are checked) …" >&2
  python -m pip install -qq --require-hashes --requirement "$lock"
  python -m pip install -qq --no-deps --no-build-isolation --editable .
  echo "$sum" >"$stamp"
}

# Run one of the environment's programs with the rest of the arguments.
tool() { local name=$1; shift; "$venv/bin/$name" "$@"; }

lint() {
  tool ruff check .
  tool ruff format --check .
  tool mypy
  tool lint-imports
  python bench/yardsticks.py
}

lock() {
  ensure requirements-dev.lock
  python -m pip install --quiet uv
  local compile=(python -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url
    --python-version 3.11 --custom-compile-command "./run.sh lock" pyproject.toml)
  "${compile[@]}" --group build -o requirements.lock "$@"
  "${compile[@]}" --group build --group dev --group docs --all-extras \
    -c requirements.lock -o requirements-dev.lock "$@"
  "${compile[@]}" --group build --extra postgres \
    -c requirements-dev.lock -o deploy/requirements.lock "$@" # what the image installs
}

command=${1:-help}
[ $# -gt 0 ] && shift
case "$command" in
  demo) ensure requirements.lock; tool raisewire demo "$@" ;;
  test) ensure requirements-dev.lock; python -m pytest "$@" ;;
  lint) ensure requirements-dev.lock; lint ;;
  corpus) ensure requirements.lock; tool raisewire evaluate tests/corpus/*.jsonl "$@" ;;
  bench) ensure requirements-dev.lock; python bench/run.py "$@" ;;
  docs) ensure requirements-dev.lock; tool typer crawler.cli.app utils docs --name raisewire --output docs/cli.md ;;
  serve) ensure requirements-dev.lock; tool mkdocs serve --dev-addr 127.0.0.1:8001 ;;
  lock) lock "$@" ;;
  all) ensure requirements-dev.lock; lint; python -m pytest; tool raisewire evaluate tests/corpus/*.jsonl ;;
  *) sed -n '2,12s/^# \{0,1\}//p' "$0"; [ "$command" = help ] || exit 2 ;;
esac
