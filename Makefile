# Cloudlever. Every target works on a fresh machine with Python 3.11+; `make run` and `make test` need nothing before them.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501
LOCKS := requirements.txt requirements-dev.txt

.DEFAULT_GOAL := help
.PHONY: help setup run demo test lint format bench golden lock system clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready ## make the environment from the locked requirements

.venv/.ready: $(LOCKS)
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Cloudlever needs Python 3.11 or newer; {sys.executable} is {v.major}.{v.minor}. Set PYTHON=python3.x.")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(sed -nE 's/^(uv==[0-9.]+).*/\1/p' requirements-dev.txt)"
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements-dev.txt
	@touch $@

run: setup ## import the demo bill when the workspace is empty, then open the app in the browser
	$(BIN)/python cli.py import demo --if-empty
	$(BIN)/streamlit run app.py --server.address localhost --server.port $(PORT)

demo: setup ## import the demo bill into the workspace
	$(BIN)/python cli.py import demo

system: ## install the system programs that some tests need, where that is allowed (Debian, root)
	@bash tests/install_system_programs.sh

test: setup system ## lint, type-check and run the whole test suite
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

lint: setup ## ruff, mypy and the import walls
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## print the speed ratios (no absolute claims)
	$(BIN)/python -m benchmarks

golden: setup ## rewrite the golden files after a wanted change of numbers (then read the diff)
	$(BIN)/pytest tests/golden --golden-update

lock: ## compile the locked requirements from the short lists
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet --custom-compile-command "make lock" requirements.in -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt

clean: ## remove the environment and caches (never a workspace)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
