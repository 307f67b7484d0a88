# Every target sets up what it needs; nothing is installed by hand.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
WORKERS ?= 2

.PHONY: setup demo demo-reset test test-sqlite test-postgres check e2e bench crash race model mutants clean

setup: $(VENV)/.installed-all

# What the demo needs is less than what the tests need, and is installed faster.
$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "crowdcore needs Python 3.11 or newer, and '$(PYTHON)' is not here. Install it, or name it: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "crowdcore needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Name another: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "> making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed-demo: $(VENV)/.made pyproject.toml constraints.txt
	@echo "> installing crowdcore (once, about half a minute)"
	@$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt -e '.[server,geo]'
	@touch $@

$(VENV)/.installed-all: $(VENV)/.made pyproject.toml constraints.txt
	@echo "> installing crowdcore with everything its tests need (once, about a minute)"
	@$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt -e '.[server,geo,postgres,redis,test,check,e2e]'
	@touch $@ $(VENV)/.installed-demo

demo: $(VENV)/.installed-demo
	@$(BIN)/crowdcore demo --port $(PORT)

demo-reset: $(VENV)/.installed-demo
	@$(BIN)/crowdcore demo --port $(PORT) --reset

test: setup
	@$(MAKE) --no-print-directory test-sqlite test-postgres

test-sqlite: setup
	@echo "> tests on SQLite"
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup

test-postgres: setup
	@echo "> tests of storage on PostgreSQL"
	@CROWDCORE_TEST_DB=postgres $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup -m "not browser" -k "not page and not rules" tests/floors/db tests/rooms/dispatch tests/rooms/exams tests/rooms/offers tests/rooms/escalation tests/rooms/bookings tests/journeys/test_accept_race.py

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house
	$(BIN)/crowdcore i18n check
	$(BIN)/crowdcore plugin check

e2e: setup
	$(BIN)/python -m pytest -q -m browser

# Longer forms of what `make test` runs in short.
CYCLES ?= 1000
crash: setup
	CROWDCORE_CRASH_CYCLES=$(CYCLES) $(BIN)/python -m pytest -q -s tests/crash

JOBS ?= 50
race: setup
	CROWDCORE_RACE_JOBS=$(JOBS) $(BIN)/python -m pytest -q tests/journeys/test_accept_race.py
	CROWDCORE_RACE_JOBS=$(JOBS) CROWDCORE_TEST_DB=postgres $(BIN)/python -m pytest -q tests/journeys/test_accept_race.py

EXAMPLES ?= 2000
model: setup
	CROWDCORE_MODEL_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -q tests/model

mutants: setup
	$(BIN)/python -m pytest -q -n $(WORKERS) tests/model/test_mutants.py

bench: setup
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis
