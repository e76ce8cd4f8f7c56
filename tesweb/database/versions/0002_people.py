"""Who someone is and how an outsider is kept out: devices, secrets, factors, journal, outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

#: A 64-bit key that SQLite may fill in by itself.
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

#: Columns that tables of the first release gain: name, type, and the default of those never null.
COLUMNS = {
    "users": [
        ("email", sa.String(254), None),
        ("phone", sa.String(16), None),
        ("region", sa.String(32), None),
        ("city", sa.String(64), None),
        ("handle", sa.LargeBinary(32), None),
        ("frozen_at", MOMENT, None),
        ("is_operator", sa.Boolean(), sa.false()),
        ("deleted_at", MOMENT, None),
    ],
    "sessions": [
        ("proved_at", MOMENT, None),
        ("factors", sa.String(64), ""),
        ("device", sa.String(64), ""),
        ("network", sa.String(64), ""),
    ],
    "accounts": [("bill_code", sa.String(32), None)],
    "memberships": [("nickname", sa.String(64), "")],
}
APPEND_ONLY = ("security_events", "journal_days")
TABLES = (
    "unforgotten",
    "freezes",
    "consents",
    "outbox",
    "journal_days",
    "security_events",
    "recovery_codes",
    "totps",
    "passkeys",
    "challenges",
)


def upgrade() -> None:
    """Apply it."""
    for table, columns in COLUMNS.items():
        for name, kind, default in columns:
            column = sa.Column(name, kind, server_default=default, nullable=default is None)
            op.add_column(table, column)
    op.create_index("ix_users_email", "users", ["email"], unique=True)
    op.create_index("ix_users_phone", "users", ["phone"], unique=True)
    make_challenges()
    make_factors()
    make_journal()
    make_outbox()
    make_papers()


def make_challenges() -> None:
    op.create_table(
        "challenges",
        sa.Column("id", KEY, nullable=False),
        sa.Column("purpose", sa.String(24), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("binding", sa.LargeBinary(32), nullable=True),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("spent_at", MOMENT, nullable=True),
        of_user("challenges"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_challenges_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenges")),
        sqlite_autoincrement=True,
    )
    for column in ("secret_hash", "binding", "user_id", "account_id"):
        op.create_index(f"ix_challenges_{column}", "challenges", [column, "purpose"])
    op.create_index("ix_challenges_expires_at", "challenges", ["expires_at"])


def make_factors() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("device_type", sa.String(16), nullable=False),
        sa.Column("is_backed_up", sa.Boolean(), nullable=False),
        sa.Column("aaguid", sa.String(36), nullable=False),
        sa.Column("transports", sa.String(128), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        of_user("passkeys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
    )
    op.create_index("ix_passkeys_credential_id", "passkeys", ["credential_id"], unique=True)
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])
    op.create_table(
        "totps",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("secret", sa.LargeBinary(255), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        of_user("totps"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_totps")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(256), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        of_user("recovery_codes"),
        sa.PrimaryKeyConstraint("user_id", "number", name=op.f("pk_recovery_codes")),
        sqlite_with_rowid=False,
    )


def make_journal() -> None:
    op.create_table(
        "security_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("device", sa.String(64), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_events")),
    )
    op.create_index("ix_security_events_user_id", "security_events", ["user_id", "id"])
    op.create_index("ix_security_events_happened_at", "security_events", ["happened_at"])
    op.create_table(
        "journal_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("seal", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_journal_days")),
    )
    refuse_changes()


def refuse_changes() -> None:
    """Make the journal append-only for everybody who may write to the database."""
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("template", sa.String(48), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'dead')", name=op.f("ck_outbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_key", "outbox", ["key"], unique=True)
    op.create_index("ix_outbox_state", "outbox", ["state", "next_at"])


def make_papers() -> None:
    op.create_table(
        "consents",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        of_user("consents"),
        sa.PrimaryKeyConstraint("user_id", "purpose", "given_at", name=op.f("pk_consents")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "freezes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("frozen_at", MOMENT, nullable=False),
        sa.Column("readings_since", MOMENT, nullable=True),
        sa.Column("wants_control", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("control_done_at", MOMENT, nullable=True),
        sa.Column("lifted_at", MOMENT, nullable=True),
        of_user("freezes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freezes")),
    )
    op.create_index("ix_freezes_user_id", "freezes", ["user_id"])
    op.create_table(
        "unforgotten",
        sa.Column("user_id", KEY, autoincrement=False, nullable=False),
        of_user("unforgotten"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_unforgotten")),
    )


def of_user(table: str) -> sa.ForeignKeyConstraint:
    """The key to the user, with whom the row goes."""
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users"), ondelete="CASCADE"
    )


def downgrade() -> None:
    """Take it back."""
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_change()")
    op.drop_index("ix_users_email", "users")
    op.drop_index("ix_users_phone", "users")
    for table, columns in COLUMNS.items():
        for name, _, _ in columns:
            op.drop_column(table, name)
