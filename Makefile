# Every command of the house. `make` alone lists them. Needed: make and Python 3.11, 3.12 or 3.13.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
# uv is quick but does not read pip's settings: where a mirror is named only there, pip does the work.
put = $(BIN)/uv pip install --quiet --python $(PY) $(1) || $(PY) -m pip install --quiet $(1)
# Workers of the test run: as many as there are cores, never more than eight (each may hold a browser).
JOBS ?= auto
PYTEST := $(PY) -m pytest
PARALLEL := -n $(JOBS) --maxprocesses 8 --dist worksteal
# What must never be committed: the address of a package registry (people install through their own).
REGISTRIES := (pypi|test\.pypi|npmjs|crates)[.](org|io)|files[.]pythonhosted[.]org|registry[.]npmjs|registry[.]yarnpkg|deb[.]debian[.]org|archive[.]ubuntu[.]com|proxy[.]golang[.]org

.PHONY: help install dev demo test check format prove bench coverage docs requirements clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.runtime ## create .venv with the command .venv/bin/quietline
	@echo "Ready: $(BIN)/quietline --help"

demo: $(VENV)/.runtime ## two phones in the browser, no credentials needed
	$(BIN)/quietline demo

dev: $(VENV)/.dev ## install what developers need beside the service

test: $(VENV)/.dev ## all tests but the long proofs (under 5 minutes)
	$(PYTEST) $(PARALLEL)

check: $(VENV)/.dev ## format, lint, types, imports, generated documents, forbidden text
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(if $(wildcard docs/generate.py),$(PY) docs/generate.py --check)
	@if git grep --line-number --extended-regexp '$(REGISTRIES)' -- . ; then \
		echo 'The lines above name a package registry: remove the address.' >&2; exit 1; fi
	@if git ls-files --error-unmatch uv.lock >/dev/null 2>&1; then \
		echo 'uv.lock is tracked: it holds registry addresses. requirements*.txt are the pins.' >&2; exit 1; fi
	@echo 'All checks hold.'

format: $(VENV)/.dev ## format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

prove: $(VENV)/.dev ## the long proofs: kill -9 and races, a hundred rounds and more
	$(PYTEST) -m slow --timeout 3600

bench: $(VENV)/.dev ## measure the path of a message, as ratios against bare parts
	$(PY) -m tests.benchmarks.run

coverage: $(VENV)/.dev ## which lines and branches the tests reach
	$(PYTEST) $(PARALLEL) --cov --cov-report term --cov-report html

docs: $(VENV)/.dev ## draw the generated documents again
	$(PY) docs/generate.py

requirements: $(VENV)/.dev ## pin the dependencies of pyproject.toml again
	$(BIN)/uv pip compile --quiet --universal --no-header --no-emit-index-url --upgrade \
		--output-file requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --no-header --no-emit-index-url --upgrade \
		--constraint requirements.txt --group dev --output-file requirements-dev.txt pyproject.toml

clean: ## remove .venv and everything that tools left behind
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# --- files behind the commands ---------------------------------------------------------------------------------------

# The first Python of the right age. `make install PYTHON=/path/to/python3.12` chooses another.
$(PY):
	@for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
		"$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || continue; \
		if ! "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then bare="$$candidate"; continue; fi; \
		echo "Creating $(VENV) with $$("$$candidate" --version)"; \
		rm -rf $(VENV) && exec "$$candidate" -m venv $(VENV); \
	done; \
	if [ -n "$$bare" ]; then \
		echo "$$bare cannot create virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
	else \
		echo "Quietline needs Python 3.11, 3.12 or 3.13; found: $$(python3 --version 2>&1 || true)." >&2; \
		echo 'Install one of them, or name it: make install PYTHON=/path/to/python3.12' >&2; \
	fi; exit 1

$(BIN)/uv: | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.runtime: requirements.txt pyproject.toml | $(BIN)/uv
	$(call put,--requirement requirements.txt)
	$(call put,--no-deps --editable .)
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(call put,--requirement requirements-dev.txt)
	@touch $@
