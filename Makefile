.DEFAULT_GOAL := dev
CHECKS := check-types check-checkov check-rules check-cfn-lint check-bandit check-audit check-style
.PHONY: dev test check prove docs site pictures build deploy undeploy preflight release verify up down bench bootstrap bootstrap-deploy $(CHECKS)
PYTHON := .venv/bin/python
# sam needs a Python that has pip.
WHEELS := $(CURDIR)/.local/build/wheels
SAM := PATH="$(CURDIR)/.local/uv/bin:$$PATH" SAM_CLI_TELEMETRY=0 PIP_NO_INDEX=1 PIP_FIND_LINKS="$(WHEELS)" .local/sam/bin/sam
ENV ?= dev
# The AWS CLI reads both; boto3 and sam read the second alone.
ifdef AWS_REGION
export AWS_DEFAULT_REGION := $(AWS_REGION)
endif
export STACK PORT PAGE_PORT PARAMS

dev: bootstrap # the whole of it: local cloud, page, World Cup replay; Ctrl-C ends it
	@$(PYTHON) -m infra.local dev

test: bootstrap # every test, the quick ones first
	@echo "Every test, in three groups, the quick ones first: about a quarter of an hour on two cores."
	@$(PYTHON) -m pytest -n 2 --dist loadfile tests/unit tests/clients tests/docs tests/emulators
	@$(PYTHON) -m pytest -n 2 --dist worksteal tests/acceptance tests/engine tests/http tests/integration tests/security
	@$(PYTHON) -m pytest -n 3 --dist loadfile --no-loadscope-reorder tests/e2e tests/browser tests/template tests/simulation

check: bootstrap # style, types, security, the template; without a network, all but the advisories
	@$(MAKE) --no-print-directory --keep-going --output-sync --jobs=$(shell nproc) $(CHECKS)

# The slowest first, so that the others fit in beside them.
check-types:
	@.venv/bin/mypy
check-checkov: .local/run/template.json
	@UV_PROJECT_ENVIRONMENT=.local/gate .local/uv/bin/uv sync --quiet --locked --only-group gate --python $(PYTHON)
	@.local/gate/bin/checkov --config-file .checkov.yaml --file $< && echo "checkov: no issues"
check-rules:
	@$(PYTHON) -m pytest --quiet --no-header tests/template --ignore tests/template/test_build.py
check-cfn-lint:
	@.venv/bin/cfn-lint template.yaml infra/*.yaml && echo "cfn-lint: no issues"
check-bandit:
	@.venv/bin/bandit --quiet --configfile pyproject.toml --recursive functions layers infra clients/python && echo "bandit: no issues"
check-audit:
	@$(PYTHON) -m infra.audit
check-style:
	@.venv/bin/ruff check && .venv/bin/ruff format --check

.local/run/template.json: template.yaml
	@mkdir -p $(@D) && $(PYTHON) -m infra.template >$@.new && mv $@.new $@

prove: bootstrap # planted bugs, long random runs, every interleaving, mutations of what decides: for the night
	@$(PYTHON) -m tests.simulation.mutations
	@$(PYTHON) -m tests.planted
	@$(PYTHON) -m tests.simulation.exhaustive
	@$(PYTHON) -m tests.simulation.exhaustive.planted
	@$(PYTHON) -m tests.simulation.stress.audience 10000
	@$(PYTHON) -m tests.simulation --seeds 100000-120000
	@HOSTILE_MESSAGES=1000000 $(PYTHON) -m pytest -n 2 tests/security/test_parser.py
	@$(PYTHON) -m coverage erase
	@$(PYTHON) -m coverage run -m pytest -n 2 --dist loadfile tests/unit tests/docs tests/http tests/integration tests/acceptance tests/engine tests/security
	@$(PYTHON) -m coverage combine --quiet && $(PYTHON) -m coverage report
	@$(PYTHON) -m tests.mutation

docs: bootstrap # the generated pages
	@$(PYTHON) -m infra.specs

site: bootstrap # dist/site: the documentation as static pages, with a search
	@UV_PROJECT_ENVIRONMENT=.local/site .local/uv/bin/uv sync --quiet --locked --only-group site --python $(PYTHON)
	@$(PYTHON) -m infra.site

pictures: up # the README's, from a replay
	@$(PYTHON) -m docs.scoreboard

build: bootstrap-deploy $(WHEELS)/.checked # what `deploy` uploads
	@$(SAM) build --config-env $(ENV)
	@$(PYTHON) -m infra.bytecode .aws-sam/build

# Under CI nobody can confirm the change set: the environment's own rules approve it.
deploy: bootstrap-deploy preflight build clients/js/dist/index.d.ts # into AWS: make deploy ENV=staging
	@$(SAM) deploy --config-env $(ENV) $(if $(CI),--no-confirm-changeset)
	@$(PYTHON) -m infra.hosting publish $(ENV)

undeploy: bootstrap-deploy # delete the stack: make undeploy ENV=staging; no environment is meant by default
	@[ "$(origin ENV)" != file ] || { echo "Which environment? make undeploy ENV=dev" >&2; exit 2; }
	@$(PYTHON) -m infra.preflight $(ENV) --known-only
	@$(PYTHON) -m infra.hosting clear $(ENV)
	@$(SAM) delete --config-env $(ENV)

release: bootstrap .local/build/arm64/template.yaml .local/build/x86_64/template.yaml clients/js/dist/index.d.ts # dist/: what is installed and deployed without this repository
	@$(PYTHON) -m infra.release

# Where ENV is not given, the variables count that the other commands of `scorecast` read.
verify: bootstrap-deploy # does a deployed stack do what it should: make verify ENV=staging
	@$(if $(and $(filter file,$(origin ENV)),$(SCORECAST_STACK)$(SCORECAST_HTTP)),.venv/bin/scorecast verify,$(PYTHON) -m infra.verify $(ENV))

preflight: bootstrap-deploy # what a deployment needs: make preflight ENV=staging
	@$(PYTHON) -m infra.preflight $(ENV)

up: bootstrap # the local cloud in the background; reads STACK, PORT, PAGE_PORT and PARAMS
	@$(PYTHON) -m infra.local up

down: bootstrap # end what `up` started
	@$(PYTHON) -m infra.local down

bench: bootstrap
	@$(PYTHON) -m tests.benchmarks

bootstrap:
	@infra/bootstrap

bootstrap-deploy: # less: a runner that deploys has neither tests nor the local cloud
	@infra/bootstrap deploy

# Folders are listed too: their times change when a file is removed.
SOURCES := $(shell find functions layers ! -name '*.pyc' ! -name __pycache__ ! -name requirements.txt)
CLIENT_SOURCES := $(shell find clients/js/src) $(wildcard clients/js/*.json clients/js/build.js) \
	$(wildcard clients/js/scoreboard clients/js/scoreboard/*.* clients/js/scoreboard/catalogs/* clients/js/scoreboard/parts/*)

layers/core/requirements.txt: uv.lock
	@.local/uv/bin/uv export --quiet --locked --only-group layer --no-annotate --no-header --output-file $@

# All that `sam build` may install, each wheel checked against the hash in the requirements.
$(WHEELS)/.checked: layers/core/requirements.txt infra/wheels.py
	@$(PYTHON) -m infra.wheels $< $(@D) && touch $@

# `--cached` installs the layer's packages again only when its requirements have changed.
.local/build/%/template.yaml: template.yaml $(wildcard infra/*.yaml) $(WHEELS)/.checked $(SOURCES) infra/bytecode.py
	@$(SAM) build --cached --build-dir $(@D) --cache-dir .local/build/cache-$* --parameter-overrides Architecture=$*
	@$(PYTHON) -m infra.bytecode $(@D)
	@touch $@

clients/js/dist/index.d.ts: $(CLIENT_SOURCES)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" npm run --silent build --prefix clients/js && touch $@
