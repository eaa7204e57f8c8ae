# From a fresh checkout: Python 3.11 or newer and make are enough.
PYTHON ?= python3
BIN := .venv/bin
PACKAGES := proto packages/kit packages/retrieval packages/node packages/cli \
	services/search services/bri-hub services/sco-platform services/asean-platform
MANIFESTS := pyproject.toml constraints.txt $(addsuffix /pyproject.toml,$(PACKAGES))
# A mirror set in pip's own configuration serves uv too.
UV := UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX-$$($(BIN)/pip config get global.index-url 2>/dev/null)}" $(BIN)/uv

.PHONY: run install dev test check bench e2e format proto constraints clean

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

test: dev ## all tests but the browser's
	$(BIN)/python -m pytest -n 2 --dist loadgroup

e2e: dev ## the whole federation, driven from outside
	$(BIN)/python -m pytest tests/e2e

bench: dev ## figures, each as a ratio to its bare component
	$(BIN)/python -m tests.bench

check: dev ## format, lint, types, import rules, contracts
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

format: dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/buf format --write proto

proto: dev ## generate Python from the contracts
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python proto/generate.py

constraints: dev ## resolve all versions anew
	$(UV) export --quiet --no-hashes --no-emit-workspace --all-packages --all-groups --no-header --no-annotate --upgrade --output-file constraints.txt

clean:
	rm -rf .venv var
