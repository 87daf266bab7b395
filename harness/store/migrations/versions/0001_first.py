"""The first schema."""

from alembic import op
from filmbench.harness.store import schema

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    schema.metadata.create_all(op.get_bind())
