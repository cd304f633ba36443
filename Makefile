# Everything a fresh machine needs is Python 3.11 or newer, make and a package registry.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

SECONDS ?= 600
SCALE ?= 1

.PHONY: mirror test bench peers soak check format reference lock clean

mirror: $(READY)  ## environment, sandbox, full mirror, a day's delta, first query
	$(BIN)/feedlake demo

test: check  ## every check and every test
	$(BIN)/pytest -n auto --dist loadfile -m "not alone"
	$(BIN)/pytest -m alone

soak: $(READY)  ## kill, starve, crowd and outlive a mirror for SECONDS, with SEED where given
	$(BIN)/python -m tests.soak --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

bench: $(READY)  ## every benchmark, at SCALE of the whole sizes; beside dlt and pandas after make peers
	$(BIN)/python -m tests.bench --scale $(SCALE)

peers: requirements-peers.txt  ## what benchmarks compare with, in an environment of its own
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-peers.txt

check: $(READY)  ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("feedlake needs Python 3.11 or newer; set PYTHON=python3.11 on the make line") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

reference: $(READY)  ## docs/commands.md and docs/tables.md, from the commands and the comments
	$(BIN)/python -m tests.reference

lock:  ## resolve anew; needs uv, writes no registry address
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--group dev pyproject.toml -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--group pyproject.toml:peers -c requirements.txt -o requirements-peers.txt

clean:
	rm -rf $(VENV) .venv-peers demo
