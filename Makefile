.DEFAULT_GOAL := help

# Linters have a module file of their own: their trees of dependencies are no part
# of the product's.
tool := go tool -modfile=.ci/tools.mod
sources = $(shell git ls-files --cached --others --exclude-standard '*.go')

# On a developer's machine debug is on, unless .env or the environment says otherwise.
debug := grep -qs '^ *\(export \)\?DJANGO_DEBUG=' .env || export DJANGO_DEBUG=$${DJANGO_DEBUG:-1}

# What `digitalpath version` prints. Without git: make build VERSION=v1.2.3
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)

.PHONY: help
help: ## List every target
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The first build takes minutes, so it says how far it is: go itself names the modules
# that it downloads (for go list), and -v the packages that it compiles. Later builds
# are quick and print nothing. The last line carries go's exit code through the pipe.
.PHONY: build
build: ## Build the one static binary, bin/digitalpath
	@all=$$(go list -f '{{len .Deps}}' .) || exit 1; n=0; \
	{ CGO_ENABLED=0 go build -v -trimpath -ldflags '-s -w -X main.release=$(VERSION)' -o bin/digitalpath . 2>&1; echo "exit $$?"; } | { \
	while IFS= read -r line; do case $$line in \
		'exit '[0-9]*) exit "$${line#exit }";; \
		*[!A-Za-z0-9._/~-]*) printf '%s\n' "$$line" >&2;; \
		*) n=$$((n + 1)); [ $$((n % 25)) -ne 0 ] || echo "compiling: $$n of $$all packages" >&2;; \
	esac; done; exit 1; }

.PHONY: run
run: build ## Start on http://localhost:8000 with everything inside (PORT=... for another port)
	@$(debug); exec bin/digitalpath serve

.PHONY: demo
demo: build ## Add sample messages to the database of make run
	@$(debug); exec bin/digitalpath demo

.PHONY: dev
dev: ## Like run, and reload http://127.0.0.1:7331 on every change of Go or templ
	@$(debug); go tool templ generate --watch --proxy=http://127.0.0.1:$${PORT:-8000} --cmd='go run . serve'

.PHONY: generate
generate: ## Make the Go code of the templ pages
	go tool templ generate

node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund

.PHONY: css
css: node_modules/.package-lock.json ## Make static/css/app.css (needs npm)
	npm run --silent css

.PHONY: lint
lint: ## Format, vet, staticcheck, gosec, checksums of the modules
	@unformatted=$$(gofmt -l $(sources)); test -z "$$unformatted" || { echo "not gofmt-ed: $$unformatted"; exit 1; }
	go vet ./...
	$(tool) staticcheck ./...
	@# G101 takes translations such as "Reset password" for passwords, G104 is about Close on the way out.
	$(tool) gosec -quiet -exclude=G101,G104 -exclude-generated -exclude-dir=handlers/handlerstest -exclude-dir=models/modelstest -exclude-dir=.ci ./...
	go mod verify

.PHONY: vulnerabilities
vulnerabilities: ## Look for known vulnerabilities in what the program calls (needs vuln.go.dev)
	@found=$$($(tool) govulncheck ./... 2>&1) || case $$found in \
		*'fetching vulnerabilities'*) echo 'not checked: known vulnerabilities (vuln.go.dev does not answer)';; \
		*) printf '%s\n' "$$found"; exit 1;; \
	esac

.PHONY: in-step
in-step: ## Fail where generated files differ from what they are made of
	@before=$$(find views -name '*_templ.go' | sort | xargs sha256sum); \
	go tool templ generate -log-level error || exit 1; \
	test "$$before" = "$$(find views -name '*_templ.go' | sort | xargs sha256sum)" || \
		{ echo 'the Go code of the templ pages was out of step; it is in step now: commit it'; exit 1; }
	@if ! command -v npm >/dev/null; then echo 'not checked: static/ against npm (npm is not installed)'; exit; fi; \
	before=$$(find static -type f | sort | xargs sha256sum); \
	$(MAKE) --no-print-directory css >/dev/null && npm run --silent vendor || exit 1; \
	test "$$before" = "$$(find static -type f | sort | xargs sha256sum)" || \
		{ echo 'static/ was out of step with its sources; it is in step now: commit it'; exit 1; }

.PHONY: measure
measure: ## Print the measures of the code, and fail beyond the bar
	@go run -modfile=.ci/tools.mod ./.ci/measure

.PHONY: openapi
openapi: ## Hold the OpenAPI document against Redocly's and Spectral's rules (needs npm)
	@if ! command -v npm >/dev/null; then echo 'not checked: the OpenAPI document (npm is not installed)'; exit; fi; \
	$(MAKE) --no-print-directory .ci/openapi/node_modules/.package-lock.json && \
	go run . openapi > .ci/openapi/openapi.json && npm --prefix .ci/openapi run --silent lint

%/node_modules/.package-lock.json: %/package-lock.json
	PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm --prefix $* ci --ignore-scripts --no-audit --no-fund

.PHONY: client
client: clients/typescript/node_modules/.package-lock.json ## Make the typed client from the OpenAPI document (needs npm)
	go run . openapi > clients/typescript/openapi.json
	npm --prefix clients/typescript run --silent generate
	npm --prefix clients/typescript run --silent build

.PHONY: client-in-step
client-in-step: ## Fail where the typed client or the example do not go with the API (needs npm)
	@if ! command -v npm >/dev/null; then echo 'not checked: the typed client (npm is not installed)'; exit; fi; \
	before=$$(sha256sum clients/typescript/src/schema.ts); $(MAKE) --no-print-directory client >/dev/null || exit 1; \
	test "$$before" = "$$(sha256sum clients/typescript/src/schema.ts)" || \
		{ echo 'the typed client was out of step with the API; it is in step now: commit it'; exit 1; }; \
	npm --prefix clients/typescript run --silent check && \
	$(MAKE) --no-print-directory examples/nextjs/node_modules/.package-lock.json >/dev/null && npm --prefix examples/nextjs run --silent check

.PHONY: test-client
test-client: build client ## Test the typed client against the program (needs npm)
	npm --prefix clients/typescript test

# The example takes the ports 3000 and 8000 (PORT). Ctrl-C ends both.
.PHONY: example
example: build client examples/nextjs/node_modules/.package-lock.json ## Start the program with the Next.js example on http://localhost:3000 (needs npm)
	@$(debug); export PORT=$${PORT:-8000} FRONTEND_URL=http://localhost:3000 CORS_ALLOWED_ORIGINS=http://localhost:3000 TRUSTED_PROXIES=127.0.0.1/32,::1/128; \
	bin/digitalpath serve & trap "kill $$! 2>/dev/null" EXIT; \
	API_URL=http://localhost:$$PORT NEXT_TELEMETRY_DISABLED=1 npm --prefix examples/nextjs run dev -- --hostname localhost --port 3000

.PHONY: test-example
test-example: client examples/nextjs/node_modules/.package-lock.json ## Drive a browser through the example, on SQLite and on PostgreSQL with Redis (needs npm and chromium)
	NEXT_TELEMETRY_DISABLED=1 npm --prefix examples/nextjs run --silent build
	env -u TEST_DATABASE_URL -u TEST_REDIS_URL TEST_EXAMPLE=1 go test -count=1 -timeout 20m -run TestExample ./handlers
	TEST_EXAMPLE=1 .ci/servers go test -count=1 -timeout 20m -run TestExample ./handlers

.PHONY: platforms
platforms: ## Check what platforms read: Dockerfile, compose.yaml, workflow, units, alert rules
	go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	go test -modfile=.ci/tools.mod -count=1 ./.ci/platforms
	@if ! command -v promtool >/dev/null; then echo 'not checked: alert rules (promtool is not installed)'; exit; fi; \
	cd docs/monitoring && promtool check rules alerts.yml && promtool test rules alerts_test.yml

.PHONY: model
model: ## Write what a new model starts from: make model NAME=Testimonial
	@go run ./.ci/model "$(NAME)"

.PHONY: test-model
test-model: ## Make a model in a copy, and build and start that
	go test -count=1 ./.ci/model

.PHONY: check
check: lint vulnerabilities in-step measure platforms openapi client-in-step test-model ## Everything that can be said without running the program
	go test -run Arrows -count=1 .

# Most tests wait: for a lease to run out, for a server that hangs. Many run at once, and those of
# handlers, which take the longest, first.
.PHONY: test
test: ## Run all tests: on SQLite with embedded Redis, then on PostgreSQL with Redis
	@.ci/servers go test -parallel 8 -timeout 30m -count=1 -exec '$(CURDIR)/.ci/engines' ./handlers ./...

# What touches a database, Redis or mail.
MAILS ?= 100000
storage := . ./migrations/... ./models/... ./services/... ./admin/... ./workers/... ./handlers/...
faults := go test -count=1 -parallel 4 -timeout 3h -run "$$names" $(storage)
.PHONY: test-faults
test-faults: ## Run the tests of docs/faults.md at full size (MAILS=100000, an hour), and print what the faults cost
	@table=$$(mktemp); names="^($$(grep -oE 'Test[A-Z][A-Za-z0-9]+' docs/faults.md | sort -u | paste -sd '|'))$$"; export names; \
	export TEST_FAULTS_SEED=$${TEST_FAULTS_SEED:-$$(date +%N)}; echo "TEST_FAULTS_SEED=$$TEST_FAULTS_SEED"; \
	TEST_FAULTS=1 TEST_FAULTS_MAILS=$(MAILS) TEST_FAULTS_TABLE=$$table .ci/servers sh -c 'env -u TEST_DATABASE_URL -u TEST_REDIS_URL $(faults); embedded=$$?; $(faults) && exit $$embedded'; code=$$?; \
	sort $$table | awk -F '\t' 'BEGIN { f = "%-12s %9s %9s %5s %7s %9s  %s\n"; printf f, "DATABASE", "SUBMITTED", "DELIVERED", "LOST", "COPIES", "SETTLED s", "FAULT" } \
		{ printf f, $$2, $$3, $$4, $$5, $$6, $$7, $$1 }'; rm $$table; exit $$code

# Of the tests through the whole program, those about what happens at once: their names
# say so. Six at a time: with more, each would be too slow for its own time limits.
at_once := Parallel|Once|Kill|Stop|Burst|Zombie|Redis|Database|Sender|Server|Hang|Worker|Queue|Job|Unlink

.PHONY: test-race
test-race: ## Run the tests of concurrent code under the race detector
	@.ci/servers sh -c 'go test -parallel 6 -timeout 15m -race -short -count=1 ./workers/... ./admin/... && \
		go test -parallel 6 -timeout 15m -race -short -count=1 -run "$(at_once)" ./handlers'

# What breaks one is kept by go in testdata/fuzz beside its test, and is tried by make
# test from then on: commit it with the mend.
FUZZTIME ?= 2m
.PHONY: fuzz
fuzz: ## Try what nobody thought of, on every parser and route (FUZZTIME=10m each)
	@failed=; for target in $$(grep -rE '^func Fuzz' --include='*_test.go' --exclude-dir=node_modules . | sed -E 's|/[^/:]*:func (Fuzz\w+).*|:\1|' | sort); do \
		go test -run '^$$' -fuzz "^$${target#*:}$$" -fuzztime $(FUZZTIME) "$${target%%:*}" || failed="$$failed $${target#*:}"; \
	done; test -z "$$failed" || { echo "broken:$$failed"; exit 1; }

SOAK ?= 1h
PAGES ?= 1000
.PHONY: soak
soak: ## Load the program for long (SOAK=1h PAGES=1000), and fail where memory, goroutines or descriptors grow
	@TEST_SOAK=$(SOAK) TEST_SOAK_PAGES=$(PAGES) .ci/servers go test -count=1 -v -timeout 0 -run Soak ./handlers

.PHONY: bench
bench: ## Print how fast it is, beside the bare parts (minutes; ROW=... for some, ROWS=... in the large tables)
	@BENCH_ROW='$(ROW)' BENCH_ROWS='$(ROWS)' .ci/servers go test -run '^$$' -bench . -benchtime 1x -count=1 -timeout 60m ./bench
