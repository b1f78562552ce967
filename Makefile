# The two commands: `make run` opens the site on demonstration data, `make test` proves everything.
# HOST, PORT, DATA_DIR, DATABASE_URL, SECRET_KEY and the other settings of the README come from the environment.

SHELL := /bin/bash
DATA_DIR ?= var
export DATA_DIR
PY := .venv/bin/python
SEED ?= 1
FAULTS ?= 60
MINUTES ?= 20
DATABASE ?= sqlite
TIMES ?= 100

.DEFAULT_GOAL := help
.PHONY: help run test bench soak fuzz bundle messages third-party vendor pictures clean

help: ## list these targets
	@awk -F ': ## ' '/^[a-z-]+: ## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: ## open the site on demonstration data (http://127.0.0.1:8000)
	@.ci/venv run
	@[ -e "$$DATA_DIR/demo-accounts.json" ] || $(PY) -m training_app demo
	@exec $(PY) -m training_app serve

test: ## set up and run every check and test
	@.ci/packages
	@.ci/venv test
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not alone" $(PYTEST_ARGS)
	$(PY) -m pytest -m alone $(PYTEST_ARGS) || [ $$? -eq 5 ] # 5: none was asked for

bench: ## measure against a floor in the same run (docs/performance.md); NAMES="forms" for a part
	@.ci/venv test
	$(PY) -m benchmarks $(NAMES)

soak: ## kill, cut off and fill up a site under a room that saves; SEED=7 FAULTS=60 DATABASE=postgresql replay a run (root)
	@.ci/packages
	@.ci/venv test
	$(PY) -m tests.soak --seed $(SEED) --faults $(FAULTS) --database $(DATABASE)
	$(PY) -m tests.soak.streaming --seed $(SEED) --minutes $(MINUTES) --seats 40

fuzz: ## throw hostile input at all that takes any, long; TIMES=100 more than the tests do, SEED=7 replays
	@.ci/packages
	@.ci/venv test
	FUZZ_TIMES=$(TIMES) $(PY) -m pytest tests/fuzz --hypothesis-seed=$(SEED)

bundle: ## put the wheel and all it needs into dist/bundle, to install where there is no network
	@.ci/venv run
	@rm -rf dist/bundle
	$(PY) -m pip wheel --quiet --disable-pip-version-check -c .ci/constraints.txt --wheel-dir dist/bundle .
	@echo "Install it with: pip install --no-index --find-links dist/bundle aeo-training"

messages: ## collect the visible strings into the catalog and compile it; name what has no Chinese yet
	@.ci/venv test
	$(PY) tests/support/messages.py $(FROM)

third-party: ## write THIRD_PARTY.md and .ci/constraints.txt from what is installed
	@.ci/venv test
	$(PY) tests/support/third_party.py

vendor: ## bring in the pinned libraries and fonts of the pages again
	@.ci/venv run
	$(PY) static/refresh_vendor.py

pictures: ## take the pictures of the README from the real pages again
	@.ci/packages
	@.ci/venv test
	$(PY) tests/support/pictures.py

clean: ## remove what is made: environment, caches, builds (never the data in DATA_DIR)
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
