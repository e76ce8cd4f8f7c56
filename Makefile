# The front door. `make run` for a demo, `make test` for every test. Everything is put into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Import-linter looks for plugins as if they were installed.
PLUGINS := $(subst $() ,:,$(strip $(wildcard plugins/*)))
# `make test TESTS=tests/meters` runs a part.
TESTS ?= tests
E2E ?= e2e
PYTEST ?=

.PHONY: help run test lint format types imports unit e2e bench simulate walk mutate scan observatory lock clean
.DELETE_ON_ERROR:

help:
	@echo 'make run     a demo on this machine (ARGS="--port 8080" for tesweb demo)'
	@echo 'make test    lint, types, import rules, tests, tests in a browser'
	@echo 'make lint    ruff, mypy and import-linter only'
	@echo 'make bench   pages and readings per second'
	@echo 'make simulate   payments in a world where everything goes wrong (STEPS=100000 SECONDS=180 or SEED=17)'
	@echo 'make walk    payments killed at every write, fsync and send (ARGS="--act pay --database sqlite --at 17")'
	@echo 'make mutate   changes lines of the money core and sees whether a test fails (SAMPLE=480 SEED=1); takes an hour'
	@echo 'make scan    bandit, wapiti and sqlmap against a demo; takes a quarter of an hour and more'
	@echo 'make observatory   the MDN grader against a server with TLS (needs node 20, npm, ports 80 and 443)'
	@echo 'make lock    requirements/*.txt anew from pyproject.toml (needs uv)'
	@echo 'make clean   away with .venv and caches'

run: $(VENV)/installed-run
	@$(BIN)/tesweb demo $(ARGS)

test: lint unit e2e

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=$(PLUGINS) $(BIN)/lint-imports --no-logo

unit: $(VENV)/installed-dev
	$(BIN)/pytest -n auto --maxprocesses 4 $(PYTEST) $(TESTS)

e2e: $(VENV)/installed-dev
	$(BIN)/pytest -n auto --maxprocesses 2 $(PYTEST) $(E2E)

bench: $(VENV)/installed-run
	$(BIN)/python bench/run.py $(ARGS)

STEPS ?= 100000
SECONDS ?= 180
simulate: $(VENV)/installed-dev
	PYTHONPATH=. $(BIN)/python tools/simulate.py --steps $(STEPS) --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

walk: $(VENV)/installed-dev
	PYTHONPATH=.:plugins/sandbox_bank $(BIN)/python tools/walk.py $(ARGS)

# A mutant is a line of the money core that was changed.
MUTATOR := .venv-mutate
MUTANTS ?= *
SAMPLE ?= 480
SEED ?= 1
mutate: $(MUTATOR)/installed
	PATH="$(CURDIR)/$(MUTATOR)/bin:$$PATH" TESWEB_TEMPLATE="$(CURDIR)/mutants/template.db" \
		$(MUTATOR)/bin/python tools/mutants.py mutmut --sample $(SAMPLE) --seed $(SEED) --only '$(MUTANTS)'

$(MUTATOR)/installed: requirements/mutate.txt
	$(PYTHON) -m venv --clear $(MUTATOR)
	$(MUTATOR)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r $<
	@touch $@

# The scanners want versions of their own of what the product uses, so they live apart.
SCANNERS := .venv-scan
scan: $(VENV)/installed-run $(SCANNERS)/installed
	$(BIN)/python tools/scan.py $(SCANNERS)/bin

observatory: $(VENV)/installed-run
	$(BIN)/python tools/observatory.py $(SCANNERS)-observatory

$(SCANNERS)/installed: requirements/scan.txt
	$(PYTHON) -m venv --clear $(SCANNERS)
	$(SCANNERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r $<
	@touch $@

# The first two hold the same versions; the second adds what the tests need. No index is written into
# them, so that they install from whichever one this machine uses.
LOCK := uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header \
	--no-emit-index-url --no-emit-find-links
lock:
	@command -v uv >/dev/null || { echo 'uv is missing; install it with: pip install uv'; exit 1; }
	$(LOCK) pyproject.toml --group build -o requirements/run.txt
	$(LOCK) pyproject.toml --group build --group dev -o requirements/dev.txt
	$(LOCK) requirements/scan.in -o requirements/scan.txt
	$(LOCK) pyproject.toml requirements/mutate.in --group build --group dev -o requirements/mutate.txt

clean:
	rm -rf $(VENV) $(SCANNERS) $(MUTATOR) mutants mutants.log $(SCANNERS)-observatory build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# Python compiles what it imports by itself; compiling everything ahead would cost half a minute.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# A stamp is younger than what it was made from, so a second start installs nothing.
$(VENV)/installed-%: requirements/%.txt pyproject.toml | $(BIN)/python
	$(PIP) --no-compile --require-hashes -r $<
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
		echo 'Python is missing; install it with: apt-get install python3 python3-venv'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "tesweb needs Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) -V);" \
			'name another one: make PYTHON=/path/to/python3.11'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo 'The venv module is missing; install it with: apt-get install python3-venv'; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
