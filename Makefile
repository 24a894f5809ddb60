# What can be done with a clone. It needs Python 3.11 or newer and make; all else is installed into the clone.
.DEFAULT_GOAL := help

# The first Python on the path that is new enough; PYTHON=... overrules it.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
HOST ?= 127.0.0.1
PORT ?= 8000

PYTHON_HERE := .venv/bin/python
PIP_INSTALL := $(PYTHON_HERE) -m pip install --quiet --disable-pip-version-check
NPM := .venv/bin/npm
NPM_INSTALL := $(NPM) ci --ignore-scripts --loglevel=error
# npm, tsc and biome start `node` by name: .venv has one of a locked version.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# Stamps, touched when their step is done. A step is redone when what it is made from is newer.
RUN := .venv/.run
DEV := .venv/.dev
CHROMIUM := .venv/.chromium
NODE_RUN := node_modules/.run
NODE_DEV := node_modules/.dev
VENDOR := static/vendor

# One lock serves every Python and system; without --emit-index-url it names no registry.
COMPILE := .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command "make lock"

# Steps share .venv and node_modules.
.NOTPARALLEL:

.PHONY: help run test test-slow presets check shots bench-page wheel venv parts lock clean

help: ## show this list
	@echo "make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\):.*## /  \1	/p' Makefile | expand -t 14

run: $(RUN) $(VENDOR) ## serve the page and open it in the browser; HOST= and PORT= choose the address
	@$(PYTHON_HERE) -m server --host $(HOST) --port $(PORT) --open

test: $(DEV) $(NODE_DEV) $(VENDOR) $(CHROMIUM) ## run all tests, those in the browser too; ARGS= goes to pytest
	@$(PYTHON_HERE) -m pytest $(ARGS)

test-slow: $(DEV) ## train every preset with several seeds (minutes); ARGS= goes to pytest
	@$(PYTHON_HERE) -m pytest -m slow $(ARGS)

presets: $(DEV) ## train every preset once and print the README's table
	@$(PYTHON_HERE) -m tests.engine.preset_runs

check: $(DEV) $(NODE_DEV) $(VENDOR) ## check style, types and who imports whom, in Python and JavaScript
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	node_modules/.bin/tsc --project .
	node_modules/.bin/biome check --error-on-warnings .

shots: $(DEV) $(VENDOR) $(CHROMIUM) ## take screenshots of the page into shots/
	@$(PYTHON_HERE) -m tests.browser.shots

bench-page: $(DEV) $(VENDOR) $(CHROMIUM) ## measure the page in Chromium into bench-page.json; the machine must be idle
	@$(PYTHON_HERE) -m tests.browser.bench

wheel: $(RUN) $(VENDOR) ## build dist/unroll-*.whl, browser parts included
	@rm -rf dist
	@$(PYTHON_HERE) -m hatchling build --target wheel

venv: $(DEV) ## make .venv with all that serving, testing and checking need

parts: $(VENDOR) ## install the browser parts into static/vendor

lock: $(DEV) ## write the lock files anew, with the newest versions that pyproject.toml allows
	$(COMPILE) pyproject.toml --output-file requirements/run.txt
	$(COMPILE) --group dev --constraints requirements/run.txt --output-file requirements/dev.txt
	$(COMPILE) --group build --constraints requirements/dev.txt --output-file requirements/build.txt
	$(NPM) install --ignore-scripts --package-lock-only --loglevel=error

clean: ## remove all that make has made
	rm -rf .venv node_modules static/vendor dist shots .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A .venv whose Python is gone, as after an upgrade of the system, is made anew.
$(RUN): requirements/run.txt requirements/build.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Unroll needs Python 3.11 or newer; none was found on the path" >&2; exit 1; }
	@echo "Installing the Python packages into .venv ..."
	@$(PYTHON_HERE) -c "" 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(PIP_INSTALL) --require-hashes -r requirements/run.txt -r requirements/build.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUN) requirements/dev.txt
	@echo "Installing what tests and checks need into .venv ..."
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

$(CHROMIUM): tools/chromium.py | $(DEV)
	@$(PYTHON_HERE) -m tools.chromium
	@touch $@

# `npm ci` empties node_modules first, so the smaller set is installed only where the larger is not there.
$(NODE_RUN): package.json package-lock.json .npmrc | $(RUN)
	@echo "Installing the browser parts ..."
	@$(NPM_INSTALL) --omit=dev
	@touch $@

$(NODE_DEV): package.json package-lock.json .npmrc | $(RUN)
	@echo "Installing what checks the page's JavaScript ..."
	@$(NPM_INSTALL)
	@touch $(NODE_RUN) $@

$(VENDOR): $(NODE_RUN) tools/parts.py
	@$(PYTHON_HERE) -m tools.parts
	@touch $@
