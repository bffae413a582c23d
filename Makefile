# make run and make test need nothing but Python 3.11 or newer and make.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# A lock per platform would be wrong somewhere: this one is universal, with hashes, and names no index.
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
TESTS ?= tests

.PHONY: help install run test lint types catalogue bench lock clean

help: ## What can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.installed ## Everything into .venv

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

run: install ## The seeded demo on http://127.0.0.1:8000 (PORT=8080 changes it)
	@PORT=$(PORT) $(BIN)/python app.py

test: install ## Every test; those that need a browser say so where there is none
	@$(BIN)/python -m pytest -n auto --dist loadfile $(TESTS)

lint: install ## Style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: install ## Types
	@$(BIN)/mypy

catalogue: install ## Is every text there in both languages?
	@$(BIN)/python -m promises.translations.check

bench: install ## What the speed claims run
	@for one in bench/*.py; do echo "== $$one"; $(BIN)/python $$one || exit 1; done

lock: ## Renew requirements.lock from pyproject.toml (needs uv)
	@uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock

clean: ## Remove the environment and the demo's database
	rm -rf $(VENV) var
