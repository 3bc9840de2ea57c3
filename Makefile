.DEFAULT_GOAL := dev
.PHONY: dev test check prove docs pictures build deploy up down bench bootstrap
PYTHON := .venv/bin/python
# sam needs a Python that has pip.
SAM := PATH="$(CURDIR)/.local/uv/bin:$$PATH" .local/sam/bin/sam
ENV ?= dev
export STACK PORT PAGE_PORT PARAMS

dev: bootstrap # the whole of it: local cloud, page, World Cup replay; Ctrl-C ends it
	@$(PYTHON) -m infra.local dev

test: bootstrap # every test, the quick ones first
	@$(PYTHON) -m pytest -n 2 --dist loadfile tests/unit tests/clients tests/docs
	@$(PYTHON) -m pytest -n 2 --dist worksteal tests/acceptance tests/engine tests/http tests/integration tests/security
	@$(PYTHON) -m pytest -n 2 --dist loadfile tests/emulators tests/simulation
	@$(PYTHON) -m pytest tests/template tests/e2e tests/browser

check: bootstrap # style, types, security, the template: offline
	@UV_PROJECT_ENVIRONMENT=.local/gate .local/uv/bin/uv sync --quiet --locked --only-group gate --python $(PYTHON)
	@$(PYTHON) -m infra.gate

prove: bootstrap # planted bugs, long random runs, every interleaving, mutations of what decides: for the night
	@$(PYTHON) -m tests.simulation.mutations
	@$(PYTHON) -m tests.simulation.exhaustive
	@$(PYTHON) -m tests.simulation.exhaustive.planted
	@$(PYTHON) -m tests.simulation --seeds 100000-120000
	@$(PYTHON) -m coverage erase
	@$(PYTHON) -m coverage run -m pytest -n 2 --dist loadfile tests/unit tests/docs tests/http tests/integration tests/acceptance tests/engine tests/security
	@$(PYTHON) -m coverage combine --quiet && $(PYTHON) -m coverage report
	@$(PYTHON) -m tests.mutation

docs: bootstrap # the generated pages
	@$(PYTHON) -m infra.wire
	@$(PYTHON) -m infra.openapi

pictures: up # the README's, from a replay
	@$(PYTHON) -m docs.scoreboard

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
