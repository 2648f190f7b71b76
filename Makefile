# make run, make test, make check, make bench: each sets up what it needs.
# make queries after changing a query or a migration.

# The helper that gives a command a database of its own; built once, since a
# tree whose queries changed cannot build it before they are checked.
SCRATCH = target/tools/scratch
DATABASE = $(SCRATCH) target/scratch --

.PHONY: check run test bench queries fmt lint fresh docs tools

check: fmt lint fresh docs test

run:
	@scripts/need postgres
	cargo build --release
	target/release/smartclass serve --demo

test: $(SCRATCH) tools
	cargo build --example scratch
	$(DATABASE) cargo test

bench:
	@scripts/need postgres
	cargo run --release --example bench

tools:
	@scripts/need postgres chromium pdf-tools node
	@[ -d tests/browser/node_modules/oidc-provider ] || npm ci --prefix tests/browser --no-fund --no-audit

$(SCRATCH):
	@scripts/need postgres
	cargo build --example scratch
	@mkdir -p $(@D) && cp target/debug/examples/scratch $@

fmt:
	cargo fmt --check

lint:
	cargo clippy --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --document-private-items --quiet

# Checks every query against a fresh database and writes what it learnt to .sqlx.
queries: $(SCRATCH)
	rm -rf .sqlx && mkdir .sqlx && touch src/lib.rs examples/bench/main.rs
	$(DATABASE) scripts/schema env SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$(CURDIR)/.sqlx cargo check --quiet --lib --bins --examples

# Whether .sqlx is what the queries ask for.
fresh: $(SCRATCH)
	rm -rf target/sqlx && mkdir -p target/sqlx && touch src/lib.rs examples/bench/main.rs
	$(DATABASE) scripts/schema env SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$(CURDIR)/target/sqlx cargo check --quiet --lib --bins --examples
	diff -r .sqlx target/sqlx
