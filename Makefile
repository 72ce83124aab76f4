# Every command a newcomer needs. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
LOCK := $(BIN)/uv pip compile -q --no-header --universal --generate-hashes --python-version 3.11 --upgrade
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20
export CDK_DISABLE_CLI_TELEMETRY := true

STAGE ?= dev
TARGET ?= aws
TARGETS := aws localstack
ifneq ($(and $(filter deploy,$(MAKECMDGOALS)),$(filter-out 1 $(TARGETS),$(words $(TARGET)) $(TARGET))),)
$(error TARGET is '$(TARGET)': one of $(TARGETS))
endif
ifneq ($(and $(filter preflight,$(MAKECMDGOALS)),$(filter-out aws,$(TARGET))),)
$(error The preflight looks at AWS alone, not at TARGET=$(TARGET))
endif
STATE ?= .local
PROXY ?= nginx
UP := $(BIN)/python -m infra_cdk.local up --stage $(STAGE) --state $(STATE) $(if $(S3),--s3 $(S3))
CDK := cd infra_cdk && node_modules/.bin/cdk
# Only where its variables are known: without them the deployment would go to AWS.
LOCALSTACK := there="$$($(BIN)/python -m infra_cdk.localstack)" && eval "$$there" &&

EXTRAS := xray opentelemetry sentry prometheus history
LOCKED := requirements.txt layers/dependencies/requirements.txt layers/identity/requirements.txt $(EXTRAS:%=layers/%/requirements.txt) infra_cdk/emulator/requirements.txt infra_cdk/seaweedfs/requirements.txt
PAGE := template-samples/react
PEERS := tests/bench/peers/always_on
NODE := infra_cdk tests/e2e/eventsource tests/e2e/axe tests/collection $(PAGE) template-samples/proxy/cloudflare
AUDIT := $(BIN)/pip-audit --disable-pip --require-hashes --progress-spinner off -r
# What pip-audit says of its service, never of a package; a finding fails the check.
UNREACHABLE := ^Tip: your network may be blocking|requests.exceptions.(Connection|Proxy|SSL)Error|requests.exceptions.ReadTimeout
# Most suites wait more than they compute: three keep two cores busy.
WORKERS ?= 3
PYTEST := $(BIN)/pytest -q
SLOWER_DEMO := -c DOWNLOAD_DELAY_ENABLED=true -c DOWNLOAD_DELAY_MIN_MS=1000 -c DOWNLOAD_DELAY_MAX_MS=6000

.PHONY: help setup browser prometheus tools nginx postgres page demo demo-web up down env invoke proxy test unit contract infra integration observability proxies e2e security chaos pictures screenshots panels collection react react-types bench check format lock layer synth deploy preflight peers

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.installed $(NODE:%=%/node_modules/.installed) ## install what is locked: Python packages, the CDK command

$(BIN)/uv: infra_cdk/bootstrap.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r infra_cdk/bootstrap.txt
	@touch $@

$(VENV)/.installed: requirements.txt pyproject.toml $(BIN)/uv
	$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

%/node_modules/.installed: %/package-lock.json
	npm ci --prefix $* --silent --no-audit --no-fund
	@touch $@

lock: $(BIN)/uv ## write the lock files anew from pyproject.toml (newest versions it allows)
	$(LOCK) pyproject.toml --group dev -o requirements.txt
	$(LOCK) --group layer -o layers/dependencies/requirements.txt
	$(LOCK) --group identity -o layers/identity/requirements.txt
	for extra in $(EXTRAS); do $(LOCK) --group $$extra --excludes layers/$$extra/excluded.txt -o layers/$$extra/requirements.txt || exit 1; done
	$(LOCK) --group emulator -o infra_cdk/emulator/requirements.txt
	$(LOCK) --group seaweedfs -o infra_cdk/seaweedfs/requirements.txt
	$(LOCK) --group uv -o infra_cdk/bootstrap.txt
	for folder in $(NODE) $(PEERS); do npm update --prefix $$folder --package-lock-only || exit 1; done

demo: setup ## the main job: start, deploy, upload samples, get them with the CLI, compare the bytes (S3=seaweedfs: files in a real S3 server)
	$(UP) $(SLOWER_DEMO)
	$(BIN)/python -m infra_cdk.demo $(STATE)

page: $(PAGE)/dist/index.html ## build the demo page of template-samples/react

$(PAGE)/dist/index.html: $(PAGE)/node_modules/.installed $(shell find $(PAGE) -not -path '*/node_modules*' -not -path '*/dist*' -type f)
	npm run build --prefix $(PAGE) --silent

node:
	@command -v npm >/dev/null || { echo "make: npm is missing: the page and the CDK command need Node 20 or newer" >&2; exit 1; }

demo-web: node setup page ## a page to look at: start, deploy, upload samples, serve it, say where and as whom (PAGE_PORT=4580)
	$(UP) $(if $(PAGE_PORT),--page-port $(PAGE_PORT)) -c DEMO_PAGE=true $(SLOWER_DEMO)
	$(BIN)/python -m infra_cdk.demo_web $(STATE)

up: setup ## start the local cloud and deploy to it (STAGE=dev, ARGS="-c MAX_CONCURRENCY=10")
	$(UP) $(ARGS)

down: ## stop the local cloud that `make up` started
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m infra_cdk.local down --state $(STATE); fi

env: ## print the client's variables: source <(make -s env)
	@$(BIN)/python -m infra_cdk.local env --state $(STATE)

invoke: ## call one function of the local cloud (FN=process_file EVENT=events/process_file.json)
	@test -x $(BIN)/python || $(MAKE) setup
	@$(BIN)/python -m infra_cdk.invoke --fn "$(FN)" --event "$(EVENT)" --state $(STATE)

proxy: setup ## run a proxy of template-samples before the local cloud until Ctrl-C (PROXY=nginx or cloudflare, PROXY_PORT=8080)
	@if [ "$(PROXY)" = nginx ]; then $(MAKE) -s nginx; fi
	@$(BIN)/python -m infra_cdk.proxy $(STATE) $(PROXY) $(PROXY_PORT)

browser:
	@test -x /usr/bin/chromium || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; }

prometheus:
	@{ command -v promtool && command -v amtool; } >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends prometheus prometheus-alertmanager >/dev/null; }

tools:
	@{ command -v aria2c && command -v wget && command -v curl; } >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends aria2 wget curl >/dev/null; }

nginx:
	@{ command -v nginx || test -x /usr/sbin/nginx; } >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx >/dev/null; }

postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql >/dev/null; }

test: setup page browser prometheus tools nginx postgres ## every suite, the deployed stack on an emulator of its own included
	$(PYTEST) -n $(WORKERS) --dist loadgroup tests

e2e security: browser
e2e: page
e2e proxies: nginx
observability: prometheus
integration e2e: tools
integration contract: postgres
unit contract infra integration observability proxies e2e security: setup ## one suite alone
	$(PYTEST) tests/$@

chaos: setup ## break everything around 100 jobs of 10,000 files, then count (ARGS="--seed 7 --jobs 100 --files 10000")
	$(BIN)/python -m tests.chaos $(ARGS)

bench: setup ## measure calls, cost, time and contention against floors and peers; write docs/benchmarks.md (or `make bench-calls` alone)
	PYTHONPATH=functions:. timeout --foreground 15m $(BIN)/python -m tests.bench

bench bench-end_to_end: peers

peers: node $(PEERS)/node_modules/.installed ## what bench-end_to_end runs beside the service: BullMQ, Debian's Redis
	@command -v redis-server >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server >/dev/null; }

bench-%: setup ## one bench alone (calls, handler_time, cold_start, contention, scale, workers, end_to_end; BENCH_SCALE=0.02 for a small one of the last)
	PYTHONPATH=functions:. $(BIN)/python -m tests.bench $*

pictures: setup ## draw the README's pictures of the commands anew
	TZ=UTC $(BIN)/python -m tests.operator_pictures docs
	TZ=UTC $(BIN)/python -m tests.client_pictures docs

screenshots: setup page browser ## take the README's pictures of the demo page anew
	$(PYTEST) tests/e2e/test_demo_page.py --screenshots artifacts/demo-page
	cp artifacts/demo-page/running.png docs/demo-page.png
	cp artifacts/demo-page/dark-finished.png docs/demo-page-dark.png

panels: setup prometheus ## load a local cloud for minutes, draw the README's picture of the dashboard from Prometheus
	PYTHONPATH=functions:. $(BIN)/python -m tests.observability.pictures docs/panels.svg

collection: setup ## write the Postman collection anew from the OpenAPI document
	PYTHONPATH=functions:. $(BIN)/python -m tests.collection

react: setup ## the React sample: types, format, lint, tests, build
	$(PYTEST) tests/react

react-types: setup ## write the React sample's types anew from the OpenAPI document
	PYTHONPATH=functions:. $(BIN)/python -m tests.react

check: setup ## format, lint, strict types, import contracts, cdk-nag by synthesis, cfn-lint, actionlint, known vulnerabilities
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy functions infra_cdk delineate
	PYTHONPATH=functions:. $(BIN)/lint-imports --no-cache
	$(MAKE) synth
	cd infra_cdk && ../$(BIN)/cfn-lint
	$(BIN)/cfn-lint -t template-samples/github-oidc/deploy-role.yaml
	node infra_cdk/actionlint.mjs .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions .github/actions/*/action.yml
	@for lock in $(LOCKED); do found=$$($(AUDIT) $$lock 2>&1) || \
	{ grep -qE '$(UNREACHABLE)' <<< "$$found" && found="NOT CHECKED: the advisory service cannot be reached"; } || \
	{ echo "$$found"; exit 1; }; echo "pip-audit $$lock: $$(head -n 1 <<< "$$found")"; done

format: setup ## write the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

layer: setup ## build the layers for this machine and for AWS
	$(BIN)/python -m infra_cdk.layers

synth: setup ## write the CloudFormation templates for AWS, both stages, checked by cdk-nag
	$(CDK) synth --quiet -c stage=dev --output cdk.out/dev
	$(CDK) synth --quiet -c stage=prod --output cdk.out/prod

deploy: setup ## look, show what changes, ask, deploy, try it (TARGET=aws or localstack, STAGE=dev or prod, YES=1 asks nothing)
ifeq ($(TARGET),localstack)
	$(LOCALSTACK) $(CDK) deploy --all -c stage=$(STAGE) -c target=$(TARGET) -c endpoint=$$AWS_ENDPOINT_URL $(ARGS)
else
	$(BIN)/python -m infra_cdk.aws deploy --stage $(STAGE) $(if $(YES),--yes) $(ARGS)
endif

preflight: setup ## look whether the AWS account is ready for `make deploy` (STAGE=dev)
	$(BIN)/python -m infra_cdk.aws preflight --stage $(STAGE) $(ARGS)
