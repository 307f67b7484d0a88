# Every target sets up what it needs; nothing is installed by hand.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# Options of the demo, for example: make demo DEMO="--speed 20"
DEMO ?=
WORKERS ?= 2
# Bytecode is kept, whatever the environment says: hundreds of files are compiled once, not once per process.
PYTEST := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/$(VENV)/bytecode $(BIN)/python -m pytest -q
RACE := tests/race tests/journeys/test_accept_race.py
# What storage decides: every service, page and operation of every room, and all that happens at the same moment.
STORAGE := tests/floors/db tests/rooms tests/app/test_once.py tests/model/test_found.py tests/model/test_mutants.py \
  tests/journeys/test_api.py $(RACE)

.PHONY: setup demo demo-reset test test-sqlite test-postgres check coverage e2e crawl screenshots bench bench-live crash race model fuzz mutants clean

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
	@$(BIN)/crowdcore demo --port $(PORT) $(DEMO)

demo-reset: $(VENV)/.installed-demo
	@$(BIN)/crowdcore demo --port $(PORT) --reset $(DEMO)

test: setup
	@$(MAKE) --no-print-directory test-sqlite test-postgres

test-sqlite: setup
	@echo "> tests on SQLite"
	@$(PYTEST) -n $(WORKERS)

test-postgres: setup
	@echo "> tests of storage on PostgreSQL"
	@CROWDCORE_TEST_DB=postgres $(PYTEST) -n $(WORKERS) -m "not browser" -k "not test_rules" $(STORAGE)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) tests/house
	$(BIN)/crowdcore i18n check
	$(BIN)/crowdcore plugin check
	@$(MAKE) --no-print-directory coverage

# The laws of the rooms, by branches. Only the rooms' own tests of their rules count.
coverage: setup
	@echo "> every branch of every rules.py is taken by a test of the rules"
	@$(BIN)/python -m coverage run --rcfile=tests/rules.coveragerc -m pytest -q $$(find tests -name 'test_*rules.py') tests/rooms/agreements/test_door_words.py
	@$(BIN)/python -m coverage report --rcfile=tests/rules.coveragerc || { echo "The lines under 'Missing' (a->b: the branch from line a to line b) are in no test. Add one to the room's tests/rooms/<room>/test_rules.py."; exit 1; }

# Longer forms of what `make test` runs in short.
e2e: setup
	CROWDCORE_BROWSER=full $(PYTEST) -m browser

crawl: setup
	CROWDCORE_CRAWL=full $(PYTEST) tests/brand

CYCLES ?= 1000
crash: setup
	CROWDCORE_CRASH_CYCLES=$(CYCLES) $(PYTEST) -s tests/crash

JOBS ?= 50
race: setup
	CROWDCORE_RACE_JOBS=$(JOBS) CROWDCORE_RACE_ROUNDS=200 $(PYTEST) -s $(RACE)
	CROWDCORE_RACE_JOBS=$(JOBS) CROWDCORE_RACE_ROUNDS=200 CROWDCORE_TEST_DB=postgres $(PYTEST) -s $(RACE)

EXAMPLES ?= 2000
model: setup
	CROWDCORE_MODEL_EXAMPLES=$(EXAMPLES) $(PYTEST) tests/model

FUZZ ?= 200
fuzz: setup
	CROWDCORE_FUZZ_EXAMPLES=$(FUZZ) $(PYTEST) tests/routes/test_fuzz.py

mutants: setup
	CROWDCORE_MUTANTS=all $(PYTEST) tests/model/test_mutants.py
	CROWDCORE_MUTANTS=all CROWDCORE_TEST_DB=postgres $(PYTEST) tests/model/test_mutants.py

bench: setup
	$(BIN)/python -m tests.benchmarks

# From accept to the customer's open page; needs a running demo and the sign-in link of a customer that it prints.
bench-live: setup
	$(BIN)/python -m tests.benchmarks.live $(LINK)

# The pictures of the documentation, from a demo that is started for them: docs/pictures.
SHOTS ?=
screenshots: setup
	$(BIN)/python -m tests.pictures $(SHOTS)

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis
