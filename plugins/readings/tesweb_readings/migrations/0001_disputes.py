"""Requests of residents whose readings the rules refused."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

#: A 64-bit key that SQLite may fill in by itself.
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "readings_disputes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("comment", sa.String(1000), nullable=False),
        sa.Column("photo", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "answer IN ('open', 'taken', 'refused')", name=op.f("ck_readings_disputes_answer")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_readings_disputes_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_readings_disputes_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings_disputes")),
        sa.UniqueConstraint("key", name=op.f("uq_readings_disputes_key")),
    )
    op.create_index(
        "ix_readings_disputes_account_id", "readings_disputes", ["account_id", "period"]
    )
    op.create_table(
        "readings_disputed_values",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("dispute_id", KEY, nullable=False),
        sa.Column("meter_no", sa.Integer(), nullable=False),
        sa.Column("register_no", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("value >= 0", name=op.f("ck_readings_disputed_values_value")),
        sa.ForeignKeyConstraint(
            ["account_id", "meter_no", "register_no"],
            ["registers.account_id", "registers.meter_no", "registers.register_no"],
            name=op.f("fk_readings_disputed_values_account_id_registers"),
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"],
            ["readings_disputes.id"],
            name=op.f("fk_readings_disputed_values_dispute_id_readings_disputes"),
        ),
        sa.PrimaryKeyConstraint(
            "account_id",
            "dispute_id",
            "meter_no",
            "register_no",
            name=op.f("pk_readings_disputed_values"),
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("readings_disputed_values")
    op.drop_table("readings_disputes")
