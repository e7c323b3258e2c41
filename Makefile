# Two commands: `make run` starts the app, `make test` passes all checks. Both set up what they need.
SHELL := /bin/sh
PYTHON ?= python3
# Compiled once, not by every worker and by every program that a test starts.
unexport PYTHONDONTWRITEBYTECODE
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
BIN := .venv/bin
STAMP := .venv/.synced

.PHONY: run test check format screenshots snapshots bench slow clean
.DEFAULT_GOAL := run

run: $(STAMP) ## Start the app (the built-in demo where nothing is configured)
	@$(BIN)/chat-tui $(ARGS)

# What runs on a terminal comes alone, after the rest: it is about moments.
test: check ## All checks and the tests
	@$(BIN)/pytest -n 4 --dist loadfile --ignore=tests/terminal
	@$(BIN)/pytest -n 3 tests/terminal

check: $(STAMP) ## Lint, format, types, import contracts
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(STAMP) ## Format and mend what can be mended
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

slow: $(STAMP) ## The long runs: kills, millions of cases, all examples
	@$(BIN)/pytest -m slow
	@CHAT_TUI_ALL_EXAMPLES=1 $(BIN)/pytest -n 2 -m 'hypothesis and not slow'

bench: $(STAMP) ## Measurements; the figures are ratios taken in one run
	@$(BIN)/pytest -m benchmark -s tests/benchmarks

screenshots: $(STAMP) ## Draw screenshots/ anew (ARGS=--png: PNG files too)
	@$(BIN)/python -m tests.screenshots $(ARGS)

snapshots: $(STAMP) ## Draw the snapshot SVGs of the tests anew; look at them before committing
	@$(BIN)/pytest -m 'not slow' tests/snapshots --snapshot-update

clean: ## Remove what the commands above made
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
	find chat_tui tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml uv.lock | $(UV)
	@$(UV) sync --frozen --quiet --python $(PYTHON)
	@touch $@

.uv/bin/uv:
	@echo "Setting up (once) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "chat-tui needs Python 3.11 or newer; set PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -m venv .uv 2>/dev/null || { rm -rf .uv; $(PYTHON) -m pip install --quiet --target .uv uv; }
	@test -x .uv/bin/uv || .uv/bin/python -m pip install --quiet --disable-pip-version-check uv
