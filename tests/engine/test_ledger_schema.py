"""The migrations make what ``schema.py`` says; a change of one without the other is found here."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from filmbench.harness import votes
from filmbench.harness.store import Store, ledger, schema
from filmbench.harness.types import UsageError
from sqlalchemy import create_engine, inspect, select


def test_migrations_and_schema_agree(tmp_path):
    with Store.open(tmp_path / "store") as store, store.ledger.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
        assert context.get_current_revision() == schema.REVISION


def test_a_ledger_of_before_the_votes_is_brought_up_to_date_with_all_it_holds(tmp_path):
    _of_the_first_schema(tmp_path)
    with pytest.raises(UsageError, match="from an older filmbench"):
        Store.reading(tmp_path)
    with Store.open(tmp_path) as store, store.ledger.read() as connection:
        assert connection.execute(select(schema.runs.c.suite)).scalar_one() == "old"
        assert MigrationContext.configure(connection).get_current_revision() == schema.REVISION
    with Store.reading(tmp_path) as store:
        assert votes.read(store.ledger, "r1").empty


def _of_the_first_schema(folder):
    config = Config()
    config.set_main_option("script_location", str(Path(ledger.__file__).parent / "migrations"))
    with create_engine(f"sqlite:///{folder / 'ledger.db'}").connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        assert not inspect(connection).has_table("votes")
        run = {"id": "r1", "suite": "old", "started_at": "2025-01-01", "state": "done", "plan": {}, "manifest": {}}
        connection.execute(schema.runs.insert(), {**run, "reserved_nano": 0, "spent_nano": 0})
