# From a fresh checkout: Python 3.11 or newer and make are enough.
PYTHON ?= python3
BIN := .venv/bin
PACKAGES := proto packages/kit packages/retrieval packages/pages packages/exchange packages/harvesting packages/node packages/client packages/cli \
	services/search services/bri-hub services/sco-platform services/asean-platform
DIR ?= ../shared/relevance
MANIFESTS := pyproject.toml constraints.txt $(addsuffix /pyproject.toml,$(PACKAGES))
# A mirror set in pip's own configuration serves uv too.
UV := UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX-$$($(BIN)/pip config get global.index-url 2>/dev/null)}" $(BIN)/uv

# What is run on PostgreSQL too: all that stores anything.
STORING := tests/unit/hub --ignore tests/unit/hub/test_ingest_machine.py tests/integration/hub tests/integration/node \
	tests/integration/repair tests/integration/doors tests/integration/database tests/integration/test_stories.py

.PHONY: run install dev test test-postgres check attacks bench bench-relevance chaos corpora e2e fuzz dist format proto constraints clean

run: install ## start everything on this machine
	@exec $(BIN)/bri up

install: $(BIN)/.installed ## .venv with the services and the bri command
dev: $(BIN)/.developing ## and what tests and checks need

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; $(PYTHON) is older (set PYTHON=...)" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet "uv>=0.13"

$(BIN)/.installed: $(BIN)/uv $(MANIFESTS)
	$(UV) pip install --quiet --compile-bytecode --constraint constraints.txt $(addprefix --editable ,$(PACKAGES))
	@touch $@

$(BIN)/.developing: $(BIN)/.installed
	$(UV) pip install --quiet --constraint constraints.txt --group dev
	@touch $@

# What tests start loads what was compiled before, even where nothing else is to leave bytecode.
test test-postgres e2e: export PYTHONDONTWRITEBYTECODE :=
# Three for two cores: what one waits for, another uses.
WORKERS := -n 3 --dist loadgroup

test: dev ## all tests but the longest
	$(BIN)/python -m pytest $(WORKERS)

test-postgres: dev ## what stores anything, on PostgreSQL
	BRI_TEST_DATABASE=postgresql $(BIN)/python -m pytest $(WORKERS) $(STORING)

e2e: dev ## the whole federation, driven from outside: by the guides' commands, in a browser, as deployed
	$(BIN)/python -m pytest tests/e2e tests/integration/doors tests/integration/deployment \
		tests/contract/embedders tests/integration/retrieval tests/unit/robustness --all

bench: dev ## figures, each as a ratio to its bare component
	$(BIN)/python -m tests.bench

chaos: dev ## break and attack everything for some minutes: ARGS="--minutes 10 --seed 7"
	$(BIN)/python -m tests.chaos $(ARGS)

attacks: dev ## each attack against a fresh federation, and what it does to others
	$(BIN)/python -m tests.chaos.attacks $(ARGS)

fuzz: dev ## each parser of foreign bytes, for 20 s: ARGS="--seconds 600 --only feed"
	$(BIN)/python -m tests.chaos.fuzz $(ARGS)

bench-relevance: dev ## how well readers find: DIR=../shared/relevance
	$(BIN)/python -m tests.bench.relevance $(DIR)

corpora: dev ## other people's feeds, pages and tables through our readers: DIR=…
	$(BIN)/python -m tests.corpora $(DIR)

check: dev ## format, lint, types, import rules, contracts, dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint proto
	$(BIN)/buf format --diff --exit-code proto
	@if git rev-parse --verify --quiet HEAD^:proto >/dev/null; then \
		$(BIN)/buf breaking proto --against '.git#ref=HEAD^,subdir=proto'; \
	else echo "no earlier contracts to compare with"; fi
	$(BIN)/python -m pytest --quiet tests/contract/test_generated.py
	$(BIN)/python -m tests.audit

format: dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/buf format --write proto

proto: dev ## generate Python from the contracts
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python proto/generate.py

dist: $(BIN)/uv ## wheels of all packages, in dist/: pip install --find-links dist bri-cli
	$(UV) build --quiet --wheel --all-packages --clear --out-dir dist

constraints: dev ## resolve all versions anew
	$(UV) export --quiet --no-hashes --no-emit-workspace --all-packages --all-groups --no-header --no-annotate --upgrade --output-file constraints.txt

clean:
	rm -rf .venv var
