"""Money: orders, shares, refunds, notifications, autopay, registers, and the books."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

#: A 64-bit key that SQLite may fill in by itself.
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
#: What is written here is never changed, only reversed.
APPEND_ONLY = ("ledger_transactions", "ledger_entries")
#: Those that others refer to come last.
TABLES = (
    "autopay_runs",
    "autopays",
    "register_lines",
    "refunds",
    "payment_shares",
    "payment_cards",
    "ledger_entries",
    "fiscal_receipts",
    "payment_orders",
    "payment_notices",
    "payment_alarms",
    "ledger_transactions",
    "bank_registers",
    "billing_exports",
    "forgotten_cards",
)


def upgrade() -> None:
    make_bank_registers()
    make_billing_exports()
    make_forgotten_cards()
    make_ledger_transactions()
    make_payment_alarms()
    make_payment_notices()
    make_payment_orders()
    make_fiscal_receipts()
    make_ledger_entries()
    make_payment_cards()
    make_payment_shares()
    make_refunds()
    make_register_lines()
    make_autopays()
    make_autopay_runs()
    refuse_changes()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_ledger_change()")


def refuse_changes() -> None:
    """Make the books append-only for everybody who may write to the database."""
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the books are append-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the books are append-only'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()"
        )


def make_bank_registers() -> None:
    op.create_table(
        "bank_registers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("gateway", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_registers")),
        sa.UniqueConstraint("gateway", "digest", name=op.f("uq_bank_registers_gateway_digest")),
    )


def make_billing_exports() -> None:
    op.create_table(
        "billing_exports",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("after_id", KEY, nullable=False),
        sa.Column("upto_id", KEY, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("written_at", MOMENT, nullable=True),
        sa.CheckConstraint("upto_id > after_id", name=op.f("ck_billing_exports_upto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_exports")),
    )


def make_ledger_transactions() -> None:
    op.create_table(
        "ledger_transactions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("order_id", KEY, nullable=True),
        sa.Column("reverses_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["ledger_transactions.id"],
            name=op.f("fk_ledger_transactions_reverses_id_ledger_transactions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transactions")),
    )
    op.create_index(
        "ix_ledger_transactions_order_id", "ledger_transactions", ["order_id"], unique=False
    )
    op.create_index(
        "ix_ledger_transactions_reverses_id", "ledger_transactions", ["reverses_id"], unique=True
    )
    op.create_index(
        "ix_ledger_transactions_subject", "ledger_transactions", ["kind", "subject"], unique=True
    )


def make_payment_alarms() -> None:
    op.create_table(
        "payment_alarms",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("operator_id", KEY, nullable=True),
        sa.Column("answer", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_alarms")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_payment_alarms_kind_subject")),
    )


def make_payment_notices() -> None:
    op.create_table(
        "payment_notices",
        sa.Column("id", KEY, nullable=False),
        sa.Column("gateway", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("order_key", sa.String(36), nullable=True),
        sa.Column("reference", sa.String(64), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("ask_at", MOMENT, nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_notices")),
        sa.UniqueConstraint("gateway", "digest", name=op.f("uq_payment_notices_gateway_digest")),
    )
    op.create_index("ix_payment_notices_ask_at", "payment_notices", ["ask_at"], unique=False)
    op.create_index(
        "ix_payment_notices_received_at", "payment_notices", ["received_at"], unique=False
    )


def make_payment_orders() -> None:
    op.create_table(
        "payment_orders",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("form_key", sa.String(36), nullable=False),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("gateway", sa.String(32), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("fee", KEY, server_default="0", nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reference", sa.String(64), nullable=True),
        sa.Column("step", sa.String(8), nullable=False),
        sa.Column("step_url", sa.String(2048), nullable=False),
        sa.Column("contact", sa.String(254), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("remember", sa.Boolean(), nullable=False),
        sa.Column("autopay", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("card_id", KEY, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("paid_at", MOMENT, nullable=True),
        sa.Column("paid", KEY, server_default="0", nullable=False),
        sa.Column("refunded", KEY, server_default="0", nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.Column("brand", sa.String(16), nullable=False),
        sa.Column("last4", sa.String(4), nullable=False),
        sa.Column("ask_at", MOMENT, nullable=True),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('created', 'submitting', 'unknown', 'pending', 'authorized', 'failed', 'canceled', 'expired', 'succeeded', 'mismatched')",
            name=op.f("ck_payment_orders_state"),
        ),
        sa.CheckConstraint("amount > 0 AND fee >= 0", name=op.f("ck_payment_orders_amount")),
        sa.CheckConstraint(
            "refunded >= 0 AND refunded <= paid", name=op.f("ck_payment_orders_refunded")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_orders")),
        sa.UniqueConstraint("form_key", name=op.f("uq_payment_orders_form_key")),
        sa.UniqueConstraint(
            "gateway", "reference", name=op.f("uq_payment_orders_gateway_reference")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_payment_orders_key")),
    )
    op.create_index("ix_payment_orders_ask_at", "payment_orders", ["ask_at"], unique=False)
    op.create_index("ix_payment_orders_user_id", "payment_orders", ["user_id", "id"], unique=False)


def make_fiscal_receipts() -> None:
    op.create_table(
        "fiscal_receipts",
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("storage", sa.String(32), nullable=False),
        sa.Column("sign", sa.String(16), nullable=False),
        sa.Column("registered_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'succeeded', 'canceled')", name=op.f("ck_fiscal_receipts_state")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["payment_orders.id"],
            name=op.f("fk_fiscal_receipts_order_id_payment_orders"),
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_fiscal_receipts")),
    )


def make_ledger_entries() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("transaction_id", KEY, autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("book", sa.String(48), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_entries_amount")),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transactions.id"],
            name=op.f("fk_ledger_entries_transaction_id_ledger_transactions"),
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "transaction_id", "line", name=op.f("pk_ledger_entries")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_ledger_entries_transaction_id", "ledger_entries", ["transaction_id"], unique=False
    )


def make_payment_cards() -> None:
    op.create_table(
        "payment_cards",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("gateway", sa.String(32), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("brand", sa.String(16), nullable=False),
        sa.Column("last4", sa.String(4), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_payment_cards_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_cards")),
        sa.UniqueConstraint(
            "user_id",
            "gateway",
            "token_hash",
            name=op.f("uq_payment_cards_user_id_gateway_token_hash"),
        ),
    )
    op.create_index("ix_payment_cards_user_id", "payment_cards", ["user_id"], unique=False)


def make_forgotten_cards() -> None:
    op.create_table(
        "forgotten_cards",
        sa.Column("id", KEY, nullable=False),
        sa.Column("gateway", sa.String(32), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("ask_at", MOMENT, nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forgotten_cards")),
    )
    op.create_index("ix_forgotten_cards_ask_at", "forgotten_cards", ["ask_at"], unique=False)


def make_payment_shares() -> None:
    op.create_table(
        "payment_shares",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("holder_id", KEY, nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_shares_amount")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_payment_shares_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["payment_orders.id"],
            name=op.f("fk_payment_shares_order_id_payment_orders"),
        ),
        sa.PrimaryKeyConstraint("account_id", "order_id", name=op.f("pk_payment_shares")),
        sa.UniqueConstraint(
            "account_id", "holder_id", name=op.f("uq_payment_shares_account_id_holder_id")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_payment_shares_order_id", "payment_shares", ["order_id"], unique=False)


def make_refunds() -> None:
    op.create_table(
        "refunds",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("order_id", KEY, nullable=True),
        sa.Column("busy_order_id", KEY, nullable=True),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("operator_id", KEY, nullable=True),
        sa.Column("ground", sa.String(500), nullable=False),
        sa.Column("answer", sa.String(500), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("ask_at", MOMENT, nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'declined', 'submitting', 'unknown', 'done', 'refused')",
            name=op.f("ck_refunds_state"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_amount")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_refunds_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payment_orders.id"], name=op.f("fk_refunds_order_id_payment_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("busy_order_id", name=op.f("uq_refunds_busy_order_id")),
        sa.UniqueConstraint("key", name=op.f("uq_refunds_key")),
    )
    op.create_index("ix_refunds_account_id", "refunds", ["account_id", "id"], unique=False)
    op.create_index("ix_refunds_ask_at", "refunds", ["ask_at"], unique=False)


def make_register_lines() -> None:
    op.create_table(
        "register_lines",
        sa.Column("id", KEY, nullable=False),
        sa.Column("register_id", KEY, nullable=False),
        sa.Column("gateway", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("order_key", sa.String(36), nullable=True),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("fee", KEY, server_default="0", nullable=False),
        sa.Column("settled_at", MOMENT, nullable=False),
        sa.Column("order_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["payment_orders.id"],
            name=op.f("fk_register_lines_order_id_payment_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["register_id"],
            ["bank_registers.id"],
            name=op.f("fk_register_lines_register_id_bank_registers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_lines")),
        sa.UniqueConstraint(
            "gateway",
            "reference",
            "kind",
            "amount",
            "settled_at",
            name=op.f("uq_register_lines_gateway_reference_kind_amount_settled_at"),
        ),
    )
    op.create_index("ix_register_lines_order_id", "register_lines", ["order_id"], unique=False)
    op.create_index(
        "ix_register_lines_register_id", "register_lines", ["register_id"], unique=False
    )


def make_autopays() -> None:
    op.create_table(
        "autopays",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("card_id", KEY, nullable=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("amount", KEY, nullable=False),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("live_account_id", KEY, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.String(16), nullable=False),
        sa.CheckConstraint("kind IN ('fixed', 'bill')", name=op.f("ck_autopays_kind")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_autopays_amount")),
        sa.CheckConstraint("day IS NULL OR (day BETWEEN 1 AND 31)", name=op.f("ck_autopays_day")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_autopays_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["card_id"],
            ["payment_cards.id"],
            name=op.f("fk_autopays_card_id_payment_cards"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_autopays_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_autopays")),
        sa.UniqueConstraint("live_account_id", name=op.f("uq_autopays_live_account_id")),
    )
    op.create_index("ix_autopays_account_id", "autopays", ["account_id"], unique=False)
    op.create_index("ix_autopays_user_id", "autopays", ["user_id"], unique=False)


def make_autopay_runs() -> None:
    op.create_table(
        "autopay_runs",
        sa.Column("autopay_id", KEY, nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("amount", KEY, server_default="0", nullable=False),
        sa.Column("noticed_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("order_id", KEY, nullable=True),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.CheckConstraint(
            "state IN ('noticed', 'skipped', 'held', 'nothing', 'charging', 'paid', 'failed')",
            name=op.f("ck_autopay_runs_state"),
        ),
        sa.ForeignKeyConstraint(
            ["autopay_id"],
            ["autopays.id"],
            name=op.f("fk_autopay_runs_autopay_id_autopays"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["payment_orders.id"],
            name=op.f("fk_autopay_runs_order_id_payment_orders"),
        ),
        sa.PrimaryKeyConstraint("autopay_id", "period", name=op.f("pk_autopay_runs")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_autopay_runs_due_at", "autopay_runs", ["due_at"], unique=False)
