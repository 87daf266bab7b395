"""Votes on pairs of takes, and ratings of single ones."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "votes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("sample", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("left_arm", sa.String(), nullable=False),
        sa.Column("left_key", sa.String(length=64), nullable=False),
        sa.Column("left_epoch", sa.Integer(), nullable=False),
        sa.Column("right_arm", sa.String(), nullable=False),
        sa.Column("right_key", sa.String(length=64), nullable=False),
        sa.Column("right_epoch", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("rater", sa.String(), nullable=False),
        sa.Column("dwell_s", sa.Float(), nullable=True),
        sa.Column("cast_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("votes_run", "votes", ["run"], unique=False)
    op.create_table(
        "opinions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("sample", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("scale", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("rater", sa.String(), nullable=False),
        sa.Column("dwell_s", sa.Float(), nullable=True),
        sa.Column("cast_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "opinions_once", "opinions", ["run", "scale", "session", "rater", "part", "arm", "key", "epoch"], unique=True
    )
