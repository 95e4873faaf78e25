# TherapyFlows.  `make demo` shows it, `make test` checks it; both install what they need into .venv.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev scan screenshots demo test test-full lint lock vendor bench demo-recording clean

help: ## Show these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(VENV)/.runtime ## Make .venv with the command therapyflows in it

setup-dev: $(VENV)/.dev $(VENV)/scanner/.done ## The same with everything that the tests need

# A marker per lock file: nothing is installed again until a lock changes.
$(VENV)/.runtime: requirements.lock pyproject.toml
	@echo "Installing TherapyFlows into $(VENV) (about a minute the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Python 3.11 is needed: set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing what the tests need"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@sh tests/debian-packages.sh
	@touch $@

# The web scanner: its dependencies do not go together with ours.
$(VENV)/scanner/.done: requirements-scan.lock $(VENV)/.runtime
	@echo "Installing the web scanner"
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(VENV)/scanner
	@$(BIN)/uv pip install --quiet --python $(VENV)/scanner/bin/python --require-hashes -r requirements-scan.lock
	@touch $@

scan: setup-dev ## Scan the review application with Wapiti, signed out and signed in (minutes)
	@$(BIN)/python -m tests.web.review.scan

screenshots: setup-dev ## Pictures of every page (desktop, phone, dark) below .screenshots
	@$(BIN)/python -m tests.web.review.screenshots

demo: setup ## Play one session from the recording to the note in the chart (LLM=endpoint or GGUF file)
	@$(BIN)/therapyflows demo $(if $(LLM),--llm "$(LLM)") $(if $(LLM_MODEL),--llm-model "$(LLM_MODEL)")

lint: setup-dev ## Style, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Two processes, a file at a time: what a file sets up for all its tests is set up once.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

test: lint ## Everything that CI checks
	@$(PYTEST)

test-full: lint ## The same with slow tests at full size
	@THERAPYFLOWS_TEST_SIZE=full $(PYTEST)

BENCHMARKS := $(addprefix benchmarks/,speech.py pipeline.py audit.py review.py evidence.py phi.py note_checks.py off_record.py \
	style.py risk_text.py duplicates.py intake.py)

bench: setup-dev ## Benchmarks (see benchmarks/README.md)
	@for script in $(BENCHMARKS); do echo "== $$script"; $(BIN)/python $$script || exit 1; done

lock: ## Write the lock files anew from pyproject.toml
	uv pip compile -q pyproject.toml --extra local-llm --generate-hashes --no-header --no-emit-index-url --python-version 3.11 -o requirements.lock
	uv pip compile -q --group scan --generate-hashes --no-header --no-emit-index-url --python-version 3.11 -o requirements-scan.lock
	uv pip compile -q pyproject.toml --group dev --extra local-llm -c requirements.lock --generate-hashes --no-header --no-emit-index-url --python-version 3.11 -o requirements-dev.lock

vendor: setup-dev ## Fetch the browser libraries that static/vendor/README.md lists (PIN=1: with their new digests)
	@$(BIN)/python -m tests.web.review.vendored $(if $(PIN),--pin)

clean: ## Remove the environment and the demonstration's data
	rm -rf $(VENV) .demo
