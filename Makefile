.DEFAULT_GOAL := dev
.PHONY: dev test check build deploy up down bench bootstrap
PYTHON := .venv/bin/python
# sam needs a Python that has pip.
SAM := PATH="$(CURDIR)/.local/uv/bin:$$PATH" .local/sam/bin/sam
ENV ?= dev
export STACK PORT PAGE_PORT PARAMS

dev: bootstrap # the whole of it: local cloud, page, World Cup replay; Ctrl-C ends it
	@$(PYTHON) -m infra.local dev

test: bootstrap # every test, the quick ones first
	@$(PYTHON) -m pytest tests/unit tests/clients tests/docs
	@$(PYTHON) -m pytest -n 2 --dist loadfile tests/acceptance tests/engine tests/integration tests/simulation
	@$(PYTHON) -m pytest tests/template tests/e2e

check: bootstrap # style and types
	@.venv/bin/ruff check && .venv/bin/ruff format --check && .venv/bin/mypy

build: bootstrap # what `deploy` uploads
	@$(PYTHON) -m infra.local.build && $(SAM) build --config-env $(ENV)

deploy: build # into AWS: make deploy ENV=staging
	@$(SAM) deploy --config-env $(ENV)

up: bootstrap # the local cloud in the background; STACK, PORT, PAGE_PORT and PARAMS are heeded
	@$(PYTHON) -m infra.local up

down: bootstrap # end what `up` started
	@$(PYTHON) -m infra.local down

bench: bootstrap
	@$(PYTHON) -m tests.benchmarks

bootstrap:
	@infra/bootstrap
