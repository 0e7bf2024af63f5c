# The newcomer's two commands: `make demo` and `make test`. Each does all its own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint check bench mutate fuzz fix docs tools clean lab root test-lab bench-lab lab-clean soak

demo: $(VENV)/.runtime
	$(BIN)/insvc demo

test: $(VENV)/.dev $(VENV)/.improve
	$(BIN)/coverage erase
	$(BIN)/python tools/run_tests.py
	$(BIN)/coverage combine -q
	$(BIN)/coverage report
	$(BIN)/coverage report --include='src/insvc/model/*,src/insvc/catalog/*,src/insvc/inspect/*,src/insvc/plan/*,src/insvc/execute/*,src/insvc/patch/*,src/insvc/supervise/*,src/insvc/report/*,src/insvc/check/*,src/insvc/flow.py,src/insvc/ports.py,src/insvc/errors.py' --fail-under=100

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

check: lint
	$(BIN)/pytest -q tests/unit tests/property

fix: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.bench $(VENV)/.improve
	$(BIN)/python -m bench

# Three quarters of an hour of restarts, deaths and killed agents; `make test` has a short while of each.
soak: $(VENV)/.dev
	$(BIN)/python -m tests.harness.soak

# Real hosts, as root: lab/README.md.
root:
	@test "$$(id -u)" = 0 || { echo "the lab boots hosts, which needs root: run it as root or with sudo" >&2; exit 1; }

lab: root $(VENV)/.dev
	$(BIN)/python -m lab build all

test-lab: lab
	$(BIN)/python -m lab test

bench-lab: lab
	$(BIN)/python -m lab.bench

lab-clean: root $(VENV)/.dev
	$(BIN)/python -m lab clean

# New examples for the property tests, then bytes that are led by coverage for the parsers of what
# others write; what one finds becomes an `@example` of its test.
fuzz: $(VENV)/.dev $(VENV)/.fuzz
	$(BIN)/pytest -q --hypothesis-profile=search tests/property
	$(BIN)/python tools/fuzz.py

mutate: $(VENV)/.dev
	$(BIN)/python tools/mutate.py

docs: $(VENV)/.dev
	$(BIN)/python tools/make_docs.py

clean:
	rm -rf $(VENV) build .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis

# --- set-up -------------------------------------------------------------------------------------
tools:
	@command -v $(PYTHON) >/dev/null || { echo "python3 is missing: apt-get install python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "python3 is older than 3.11: set PYTHON to a newer one" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "the venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	@command -v dpkg >/dev/null || { echo "dpkg is missing: apt-get install dpkg" >&2; exit 1; }

$(VENV)/bin/python: | tools
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.runtime
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

$(VENV)/.fuzz: requirements/fuzz.txt $(VENV)/.runtime
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	@touch $@

$(VENV)/.improve: requirements/improve.txt $(VENV)/.runtime
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/improve.txt
	@touch $@
