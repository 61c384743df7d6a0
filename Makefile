# Two commands matter: `make run` and `make test`. Each installs what it needs, or says what is missing.
.DEFAULT_GOAL := help
SHELL := /bin/bash
CARGO := cargo
DATA ?= ./data
LISTEN ?= 127.0.0.1:8080

# Everything the web app is made of; built again only when one of these is newer than the last build.
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/.svelte-kit/*' -not -path '*/e2e/*' 2>/dev/null)

.PHONY: help
help: ## Explain every target (this list)
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 } /^## / { printf "\n%s\n", substr($$0, 4) }' $(MAKEFILE_LIST)

## Using it

.PHONY: run
run: build ## Install what is missing, build, and start on SQLite and files in ./data (DATA=, LISTEN= to change)
	@exec target/release/twotake serve --data $(DATA) --listen $(LISTEN)

.PHONY: build
build: deps web ## Build target/release/twotake, the server with the web app inside
	@$(CARGO) build --release --locked

.PHONY: deps
deps: ## Install the Debian packages a build needs (or say which are missing)
	@scripts/deps build

.PHONY: web
web: target/web.stamp ## Build the web app into web/dist, when its sources changed

target/web.stamp: target/npm.stamp $(WEB_SOURCES)
	@echo "building the web app"
	@npm --prefix web run --silent build </dev/null
	@touch -c src/http/assets.rs # its macro lists web/dist: files that are new are seen only when it runs again
	@touch $@

target/npm.stamp: web/package.json web/package-lock.json
	@scripts/deps build
	@echo "installing the web app's packages"
	@npm --prefix web ci --no-audit --no-fund --loglevel=error </dev/null
	@mkdir -p target && touch $@

## Testing it

.PHONY: test
test: tools web ## Everything: installs, lints, Rust tests on both databases and stores, web, clients, Chromium
	@scripts/test

.PHONY: tools
tools: ## Install what tests need, and build the S3 server they run against (once)
	@scripts/deps test
	@scripts/s3-server garage

.PHONY: test-rust
test-rust: ## Only the Rust tests
	@scripts/test rust

.PHONY: test-fast
test-fast: ## The Rust tests against a smaller S3 server that is built sooner; "make test" decides
	@scripts/deps test
	@scripts/s3-server s3s-fs
	@TWOTAKE_TEST_S3_SERVER=s3s-fs scripts/test rust-fast

.PHONY: test-hostile
test-hostile: ## A thousand spoilt files, bombs, disguises and lies (COUNT= and SEED= for more or others)
	@scripts/deps test
	@TWOTAKE_HOSTILE_COUNT=$${COUNT:-1000} TWOTAKE_HOSTILE_SEED=$${SEED:-1} $(CARGO) test --test hostile

.PHONY: test-web
test-web: target/npm.stamp ## Only the web app's checks and unit tests
	@scripts/test web-check web-unit

.PHONY: test-schema
test-schema: ## Only Schemathesis, against the debug server and docs/openapi.json
	@scripts/test schema

.PHONY: e2e
e2e: web ## Only the tests in Chromium
	@scripts/test e2e

.PHONY: lint
lint: ## Formatting and lints
	@scripts/test format clippy

.PHONY: fmt
fmt: ## Format the Rust sources
	@$(CARGO) fmt

.PHONY: bench
bench: build ## Measure uploads, processing and serving beside their peers, and compare with the targets
	@scripts/deps bench
	@benches/run

.PHONY: bench-live
bench-live: build ## Measure stop → ready while recordings arrive in real time, beside Cap's and PeerTube's recipes (takes about 40 minutes)
	@node benches/live.mjs </dev/null

.PHONY: bench-encode
bench-encode: build ## Measure CPU and bytes of the ladder beside one ffmpeg that splits and PeerTube's recipe
	@node benches/encode.mjs </dev/null

.PHONY: bench-share
bench-share: build ## Measure a long file whose parts are made beside each other, on one node and on two, and what that costs
	@node benches/share.mjs </dev/null

.PHONY: bench-api
bench-api: build ## Measure every list of the API for 500 people, 5,000 goals, 50,000 check-ins and 100,000 comments, on both databases
	@scripts/deps test
	@node benches/api.mjs </dev/null

## Generated files

.PHONY: docs
docs: ## Write docs/configuration.md and docs/openapi.json again
	@TWOTAKE_WRITE_DOCS=1 $(CARGO) test --quiet --test architecture generated

.PHONY: api-types
api-types: docs target/npm.stamp ## Write the web app's types again from docs/openapi.json
	@npm --prefix web run --silent api-types

.PHONY: clean
clean: ## Remove what was built, but keep the tools
	@find target -mindepth 1 -maxdepth 1 -not -name tools -exec rm -rf {} + 2>/dev/null || true
	@rm -rf web/dist web/.svelte-kit
