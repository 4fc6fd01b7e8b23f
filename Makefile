# Every target works with uv on the PATH and without it: `make UV= test` does not use it.
# PYTHON selects the interpreter for .venv.
UV ?= uv
PYTHON ?=
LOOPS ?= loops
TRAINED ?= trained
MODEL ?= bar

SHELL := bash
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
ENVIRONMENT := UV="$(UV)" PYTHON="$(PYTHON)" bash scripts/environment/environment.sh
SYSTEM_LIBRARIES := bash scripts/environment/system-libraries.sh

.PHONY: help run loops test check check-training docs pictures models bench stage bundle package venv constraints clean
.DEFAULT_GOAL := help

help:
	@echo "make run             open the instrument"
	@echo "make loops           render eight loops and their pictures to $(LOOPS)/"
	@echo "make test            run the tests"
	@echo "make check           run linting, type checks, import contracts and tests, before you commit"
	@echo "make check-training  test networks, runs and exports; installs TensorFlow and PyTorch (2 GB)"
	@echo "make check-web       test the web page in Chromium and the Node scripts; needs npm and Chromium"
	@echo "make web             build the offline web page in build/web; MODEL=beat for the smaller model"
	@echo "make docs            build the documentation site in build/site"
	@echo "make pictures        take the pictures, draw the figures and render the sounds of the documentation"
	@echo "make bench           measure the speed on this machine, compared with the prototype's method"
	@echo "make stage           run the slow tests and the benchmarks"
	@echo "make models          train the included models in $(TRAINED)/; takes hours"
	@echo "make venv            create .venv with all development tools"
	@echo "make bundle          build the instrument for machines without Python in dist/, and run its self-test"
	@echo "make package         pack the bundle into build/packages/; for signing see scripts/bundle/pack.sh"
	@echo "make constraints     update the pinned versions and their checksums (needs uv)"
	@echo "make clean           remove .venv, caches and build results"
	@echo
	@echo "make UV= ...         use venv and pip even if uv is installed"
	@echo "make PYTHON=FILE ... create .venv from this Python (3.11 to 3.13)"

run:
	@$(SYSTEM_LIBRARIES) run
	@$(ENVIRONMENT) run
	@$(BIN)/technogan

loops:
	@$(SYSTEM_LIBRARIES) run
	@$(ENVIRONMENT) run
	@$(BIN)/technogan render --count 8 --image -o "$(LOOPS)/"
	@echo "Eight loops and their pictures are in $$(cd "$(LOOPS)" && pwd)"

venv:
	@$(SYSTEM_LIBRARIES) test
	@$(ENVIRONMENT) dev

test: venv
	$(BIN)/python -m pytest

check: venv
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	PYTHONUTF8=1 $(BIN)/lint-imports  # its banner needs characters that some Windows code pages lack
	@$(MAKE) --no-print-directory test

# Keras supports one back end per process.
check-training:
	@$(SYSTEM_LIBRARIES) test
	@$(ENVIRONMENT) train
	KERAS_BACKEND=tensorflow $(BIN)/python -m pytest -m "keras and not slow"
	KERAS_BACKEND=torch $(BIN)/python -m pytest -m "keras and not slow"

web: venv
	bash scripts/web.sh "$(MODEL)" build/web

check-web: venv
	bash scripts/web.sh node
	bash scripts/web.sh beat build/web-beat
	$(BIN)/python -m pytest -m "" tests/web tests/clients/test_node.py

docs: venv
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	@echo "The site is build/site/index.html"

pictures: venv
	$(BIN)/python -m scripts.docs.pictures
	$(BIN)/python -m scripts.docs.figures
	$(BIN)/python -m scripts.docs.sounds

models:
	@$(SYSTEM_LIBRARIES) run
	@$(ENVIRONMENT) train
	bash scripts/models.sh "$(TRAINED)"

bench: venv
	$(BIN)/technogan bench

# pytest exits with 5 if no test is marked slow.
stage: venv
	$(BIN)/python -m pytest -m slow || [ $$? -eq 5 ]
	$(BIN)/python -m pytest -m "" tests/benchmarks

# PyInstaller freezes everything in its environment, so the bundle has a separate one.
bundle:
	@$(SYSTEM_LIBRARIES) run
	@VENV=build/bundle/venv $(ENVIRONMENT) bundle
	@bash scripts/bundle/bundle.sh

package:
	@bash scripts/bundle/pack.sh

constraints:
	@UV="$(UV)" bash scripts/environment/constraints.sh

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .benchmarks .hypothesis
	find app scripts technogan training tests -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
