"""Runs the ledger's migrations on the connection that :mod:`filmbench.harness.store.ledger` hands over."""

from alembic import context
from filmbench.harness.store import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
