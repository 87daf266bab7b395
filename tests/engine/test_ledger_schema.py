"""The migrations make what ``schema.py`` says; a change of one without the other is found here."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from filmbench.harness.store import Store, schema


def test_migrations_and_schema_agree(tmp_path):
    with Store.open(tmp_path / "store") as store, store.ledger.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
        assert context.get_current_revision() == schema.REVISION
