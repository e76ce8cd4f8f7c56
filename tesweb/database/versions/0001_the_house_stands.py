"""The tables of the first release: people, accounts, meters, readings, what is owed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

#: A 64-bit key that SQLite may fill in by itself.
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "accounts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("region", sa.String(32), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("address", sa.String(256), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("balance", KEY, server_default="0", nullable=False),
        sa.Column("balance_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("number", "region", name=op.f("uq_accounts_number_region")),
    )
    op.create_table(
        "rate_counts",
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_counts")),
    )
    op.create_index("ix_rate_counts_expires_at", "rate_counts", ["expires_at"])

    op.create_table(
        "users",
        sa.Column("id", KEY, nullable=False),
        sa.Column("login", sa.String(128), nullable=False),
        sa.Column("password_hash", sa.String(256), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
    )
    op.create_table(
        "charges",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("line", sa.String(32), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("volume", sa.BigInteger(), nullable=True),
        sa.Column("price", sa.String(24), nullable=True),
        sa.Column("amount", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_charges_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", "period", "line", name=op.f("pk_charges")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "memberships",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('owner', 'payer', 'reader')", name=op.f("ck_memberships_role")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_memberships_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_memberships_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "account_id", name=op.f("pk_memberships")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_memberships_account_id", "memberships", ["account_id"])

    op.create_table(
        "meters",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("meter_no", sa.Integer(), nullable=False),
        sa.Column("serial", sa.String(32), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("installed_on", sa.Date(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("verified_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_meters_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", "meter_no", name=op.f("pk_meters")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "payments",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_payments_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", "paid_on", "reference", name=op.f("pk_payments")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "receipts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_receipts_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_receipts_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("key", name=op.f("uq_receipts_key")),
    )
    op.create_index("ix_receipts_account_id", "receipts", ["account_id"])

    op.create_table(
        "sessions",
        sa.Column("id_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_ends_at", "sessions", ["ends_at"])
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])

    op.create_table(
        "registers",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("meter_no", sa.Integer(), nullable=False),
        sa.Column("register_no", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(16), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=False),
        sa.Column("ratio", sa.Integer(), nullable=False),
        sa.Column("initial", sa.BigInteger(), nullable=False),
        sa.Column("final", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "zone IN ('single', 'day', 'night', 'peak', 'half_peak')",
            name=op.f("ck_registers_zone"),
        ),
        sa.CheckConstraint("digits BETWEEN 3 AND 9", name=op.f("ck_registers_digits")),
        sa.CheckConstraint("ratio >= 1", name=op.f("ck_registers_ratio")),
        sa.ForeignKeyConstraint(
            ["account_id", "meter_no"],
            ["meters.account_id", "meters.meter_no"],
            name=op.f("fk_registers_account_id_meters"),
        ),
        sa.PrimaryKeyConstraint("account_id", "meter_no", "register_no", name=op.f("pk_registers")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "readings",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("meter_no", sa.Integer(), nullable=False),
        sa.Column("register_no", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("consumed", sa.BigInteger(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("receipt_id", KEY, nullable=True),
        sa.CheckConstraint(
            "source IN ('resident', 'supplier', 'inspector', 'average', 'norm')",
            name=op.f("ck_readings_source"),
        ),
        sa.CheckConstraint(
            "state IN ('accepted', 'superseded', 'quarantined')", name=op.f("ck_readings_state")
        ),
        sa.CheckConstraint("value >= 0", name=op.f("ck_readings_value")),
        sa.ForeignKeyConstraint(
            ["account_id", "meter_no", "register_no"],
            ["registers.account_id", "registers.meter_no", "registers.register_no"],
            name=op.f("fk_readings_account_id_registers"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_readings_receipt_id_receipts")
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "period", "meter_no", "register_no", "version", name=op.f("pk_readings")
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    for table in (
        "readings",
        "registers",
        "sessions",
        "receipts",
        "payments",
        "meters",
        "memberships",
        "charges",
        "users",
        "rate_counts",
        "accounts",
    ):
        op.drop_table(table)
