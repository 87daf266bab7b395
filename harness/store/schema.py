"""The ledger's tables. Money is integer nano-dollars, times are ISO 8601 in UTC, durations seconds.

``journal`` only grows; ``takes`` hold one final row per (request key, epoch); ``planned`` says what a run
asked for, so that nothing can fall out of a table silently. ``REVISION`` is the newest migration.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

REVISION = "0002"

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("suite", String, nullable=False),
    Column("started_at", String, nullable=False),
    Column("ended_at", String),
    Column("state", String, nullable=False),
    Column("plan", JSON, nullable=False),
    Column("manifest", JSON, nullable=False),
    Column("cap_nano", BigInteger),
    Column("reserved_nano", BigInteger, nullable=False, default=0),
    Column("spent_nano", BigInteger, nullable=False, default=0),
)

requests = Table(
    "requests",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("contract", String, nullable=False),
    Column("dataset", String, nullable=False),
    Column("sample", String, nullable=False),
    Column("cluster", String),
    Column("language", String),
    Column("tags", JSON, nullable=False),
    Column("text", Text),
    Column("provider", String, nullable=False),
    Column("params", JSON, nullable=False),
    Column("endpoint", String),
    Column("identity", JSON, nullable=False),
    Column("take", Integer, nullable=False),
)

planned = Table(
    "planned",
    metadata,
    Column("run", String, ForeignKey("runs.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("arm", String, nullable=False),
    Column("role", String, nullable=False),
    Column("cached", Boolean, nullable=False),
    Index("planned_key", "key", "epoch"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("run", String, nullable=False),
    Column("at", String, nullable=False),
    Column("state", String, nullable=False),
    Column("detail", JSON),
    Index("journal_key", "key", "epoch"),
)

leases = Table(
    "leases",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("owner", String, nullable=False),
    Column("run", String, nullable=False),
    Column("reserved_nano", BigInteger, nullable=False),
    Column("expires", Float, nullable=False),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("media_type", String, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("probe", JSON),
    Column("licence", String),
)

takes = Table(
    "takes",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("outcome", String, nullable=False),
    Column("reason", Text),
    Column("artifacts", JSON, nullable=False),
    Column("seconds", Float),
    Column("queue_s", Float),
    Column("limiter_s", Float),
    Column("retry_s", Float),
    Column("first_byte_s", Float),
    Column("first_content_s", Float),
    Column("total_s", Float),
    Column("model_load_s", Float),
    Column("usage", JSON),
    Column("quoted_nano", BigInteger),
    Column("billed_nano", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("answered_model", String),
    Column("human_minutes", Float),
    Column("made_at", String, nullable=False),
    Column("run", String, nullable=False),
    Column("host", String),
    Column("cores", Integer),
)

# ``key`` and ``epoch`` are a take's, or the digest of a set and 0 (see harness/sets.py).
scores = Table(
    "scores",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("metric", String, primary_key=True),
    Column("signature", String, primary_key=True),
    Column("value", Float),
    Column("reason", Text),
    Column("statistics", JSON),
    Column("detail", JSON),
)

features = Table(
    "features",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("signature", String, primary_key=True),
    Column("value", JSON, nullable=False),
)

resources = Table(
    "resources",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("provider", String, nullable=False),
    Column("resource", String),
    Column("key", String(64), nullable=False),
    Column("run", String, nullable=False),
    Column("intended_at", String, nullable=False),
    Column("expires_at", String),
    Column("released_at", String),
)

# What people said of a run's takes. Rows are only added; ``rater`` is a name that says nothing of the person.
votes = Table(
    "votes",
    metadata,
    Column("id", String, primary_key=True),
    Column("run", String, ForeignKey("runs.id"), nullable=False),
    Column("contract", String, nullable=False),
    Column("dataset", String, nullable=False),
    Column("sample", String, nullable=False),
    Column("language", String),
    Column("left_arm", String, nullable=False),
    Column("left_key", String(64), nullable=False),
    Column("left_epoch", Integer, nullable=False),
    Column("right_arm", String, nullable=False),
    Column("right_key", String(64), nullable=False),
    Column("right_epoch", Integer, nullable=False),
    Column("choice", String, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("rater", String, nullable=False),
    Column("dwell_s", Float),
    Column("cast_at", String, nullable=False),
    Index("votes_run", "run"),
)

opinions = Table(
    "opinions",
    metadata,
    Column("id", String, primary_key=True),
    Column("run", String, ForeignKey("runs.id"), nullable=False),
    Column("contract", String, nullable=False),
    Column("dataset", String, nullable=False),
    Column("sample", String, nullable=False),
    Column("language", String),
    Column("scale", String, nullable=False),
    Column("session", String, nullable=False),
    Column("part", String, nullable=False),
    Column("arm", String, nullable=False),
    Column("key", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("rater", String, nullable=False),
    Column("dwell_s", Float),
    Column("cast_at", String, nullable=False),
    Index("opinions_once", "run", "scale", "session", "rater", "part", "arm", "key", "epoch", unique=True),
)
