# `make run` runs the application on this machine, `make test` tests it. Both make their virtual environment first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAM_VENV := .venv-sam
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
SAM_CLI := 1.170.0
PHOTOGRAPHS := scikit-image==0.26.0

export MODEL ?=
export NIMA_MODEL_SOURCE ?=
export NIMA_SHARED_DATA ?= ../shared/data
# `sam validate` wants a region and never calls AWS.
export AWS_DEFAULT_REGION ?= us-east-1
export SAM_CLI_TELEMETRY = 0

IMAGES ?=
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help run test test-shared check format models bench chart clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.run ## Run the application here: IMAGES=folder PORT=8000 MODEL=id
	@exec $(BIN)/nima local --port $(PORT) $(if $(IMAGES),--images "$(IMAGES)") $(if $(MODEL),--model "$(MODEL)")

test: $(VENV)/.dev ## Run the tests
	$(BIN)/python -m pytest

test-shared: $(VENV)/.dev ## Run the tests that need the photographs and models of NIMA_SHARED_DATA
	$(BIN)/python -m pytest tests/shared

check: $(VENV)/.dev $(SAM_VENV)/.sam ## Lint, format, types and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy functions/score/handler.py
	$(BIN)/mypy functions/query/handler.py
	$(BIN)/cfn-lint template.yaml infra/*.yaml
	$(SAM_VENV)/bin/sam validate --lint

format: $(VENV)/.dev ## Format and sort
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

models: $(VENV)/.dev ## Fetch and convert idealo's models, or adopt those of NIMA_MODEL_SOURCE
	$(BIN)/nima models install $(if $(NIMA_MODEL_SOURCE),--source "$(NIMA_MODEL_SOURCE)")

bench: $(VENV)/.dev ## Measure speed and memory beside TensorFlow
	$(BIN)/python -m tests.bench

chart: $(VENV)/.dev ## Draw the README's chart again
	$(BIN)/nima score $$($(BIN)/python -c 'from nima.local.pictures import default_pictures as p; \
		print(next(f for f in p().files.values() if f.name == "coffee.png"))') --chart docs/example.svg

clean: ## Remove everything that was made here
	rm -rf $(VENV) $(SAM_VENV) .aws-sam .cache build

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else \
		f"Python 3.11 to 3.13 is needed, {sys.executable} is {v[0]}.{v[1]}: make PYTHON=python3.13")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/pip
	$(PIP) --constraint constraints.txt --editable '.[local]'
	$(PIP) --no-deps $(PHOTOGRAPHS)
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/pip
	$(PIP) --constraint constraints.txt --editable '.[dev]'
	$(PIP) --no-deps $(PHOTOGRAPHS)
	@touch $@ $(VENV)/.run

$(SAM_VENV)/.sam: Makefile
	$(PYTHON) -m venv $(SAM_VENV)
	$(SAM_VENV)/bin/pip install --quiet --disable-pip-version-check aws-sam-cli==$(SAM_CLI)
	@touch $@
