# Everything works with `uv` on the PATH and without it: `make UV= test` does without.
# PYTHON names the interpreter that .venv is made from, if the one found is not the one wanted.
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
	@echo "make run     open the instrument"
	@echo "make loops   render eight loops and their pictures into $(LOOPS)/"
	@echo "make test    run the tests"
	@echo "make check   linting, types, import contracts, tests: what has to pass before a change goes in"
	@echo "make check-training   what needs TensorFlow and PyTorch, two gigabytes: networks, runs, exports"
	@echo "make web     a page that makes loops in a browser, offline, in build/web; MODEL=beat for the smaller model"
	@echo "make check-web   the page in Chromium, the Node patches' generator in Node: needs npm and Chromium"
	@echo "make docs    the documents as a site, in build/site"
	@echo "make pictures   take the pictures of the documents anew, draw their figures, make their sounds"
	@echo "make bench   speed on this machine, beside the prototype's method"
	@echo "make stage   the slow tests and the benchmarks"
	@echo "make models  train the models that come with TechnoGAN anew, in $(TRAINED): hours"
	@echo "make venv    only make .venv, with everything that development needs"
	@echo "make bundle  the instrument for machines without Python, in dist/, tried out once"
	@echo "make package of that, the one file to download, in build/packages/; signed and notarised if asked, see scripts/bundle/pack.sh"
	@echo "make constraints   choose the pinned versions anew (needs uv)"
	@echo "make clean   remove .venv, caches and build results"
	@echo
	@echo "make UV= ...            use plain venv and pip although uv is installed"
	@echo "make PYTHON=FILE ...    make .venv from this Python (3.11 to 3.13)"

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
	PYTHONUTF8=1 $(BIN)/lint-imports  # its frame is not in every Windows code page
	@$(MAKE) --no-print-directory test

# Keras works with one back end for a process.
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

# pytest ends with 5 where no test is marked slow.
stage: venv
	$(BIN)/python -m pytest -m slow || [ $$? -eq 5 ]
	$(BIN)/python -m pytest -m "" tests/benchmarks

# In an environment of its own: what is installed there is what is frozen.
bundle:
	@$(SYSTEM_LIBRARIES) run
	@VENV=build/bundle/venv $(ENVIRONMENT) bundle
	@bash scripts/bundle/bundle.sh

package:
	@bash scripts/bundle/pack.sh

# Without the extra torch, for which uv would choose several gigabytes of CUDA.
constraints:
	@{ sed '/^[^#]/,$$d' constraints.txt; \
	  "$(UV)" pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest \
	    --extra onnx --extra training --extra bundle --extra dev --strip-extras --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links pyproject.toml; \
	} > constraints.new
	@mv constraints.new constraints.txt
	@git --no-pager diff --stat -- constraints.txt

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .benchmarks .hypothesis
	find app technogan training tests -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
