# Everything a person or a machine does with a checkout. On a new machine git, Python >= 3.11 and make are enough.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test soak check bench album screenshots env translations browser

PYTHON ?= python3
UV := $(shell command -v uv || echo .tools/bin/uv)
RUN := $(UV) run --frozen --no-sync
TESTS ?= tests
SIZE ?= full
ADDRESS ?= http://127.0.0.1:8000
PAGES ?= showcase=/console/ui/
ALBUM ?=

help: ## this list
	@echo "make <target>, one of:"
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  \1\t/' | expand -t 16

demo: env translations ## a believable year in a chain of shops, with its address and a sign-in link at the end
	@$(RUN) chuzhi demo

test: env translations browser ## every test but the long ones
	@$(RUN) pytest $(TESTS)

soak: env translations ## the long form of the proofs: kill -9, races, tampering, scale
	@$(RUN) pytest -m soak $(TESTS)

check: env ## style, types, contracts between packages, migrations, translations
	@scripts/check "$(RUN)"

bench: env ## the figures of the README (SIZE=smoke for a quick look)
	@for bench in $$(grep -l __main__ bench/*.py); do \
	  echo "== $$bench"; $(RUN) python -m "bench.$$(basename "$$bench" .py)" --size $(SIZE); done

album: env translations browser ## docs/screenshots: every page of a small shop that the tests make (ALBUM="--looks zh-light-desk --pages orders")
	@$(RUN) pytest -n 0 tests/browser/test_album.py -k taken --into docs/screenshots $(ALBUM)

screenshots: env browser ## docs/screenshots, of the pages PAGES of the server at ADDRESS, in both languages and both themes
	@$(RUN) python tests/browser/screenshots.py $(ADDRESS) $(PAGES) --into docs/screenshots

env: .venv/.synced

.venv/.synced: pyproject.toml uv.lock | $(UV)
	@$(UV) sync --frozen --quiet --extra demo
	@touch $@

.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 or newer is needed; say make PYTHON=/path/to/it $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv .tools \
	  || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	@.tools/bin/pip install --quiet --disable-pip-version-check uv

translations: env
	@$(RUN) python -m chuzhi.config.translations

browser:
	@scripts/system-packages browser
	@scripts/system-packages paper
