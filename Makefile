# The database that the queries are checked against, thrown away afterwards.
SCRATCH = cargo run --quiet --example scratch -- target/scratch --

queries:
	rm -rf target/queries && mkdir -p target/queries
	touch src/lib.rs
	$(SCRATCH) env SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$(CURDIR)/target/queries sh -c '\
	  psql -q $$DATABASE_URL -c "drop schema public cascade; create schema public" && \
	  cat migrations/*.sql | psql -q $$DATABASE_URL -v ON_ERROR_STOP=1 && cargo check'
