"""Money that is looked for by what had no index: by its order, its payer, the bank's number."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

#: Of an index its table and what it is of.
INDICES = {
    "ix_payment_orders_reference": ("payment_orders", ["reference"]),
    "ix_payment_orders_paid_at": ("payment_orders", ["gateway", "paid_at"]),
    "ix_refunds_order_id": ("refunds", ["order_id"]),
    "ix_refunds_user_id": ("refunds", ["user_id", "id"]),
    "ix_payment_notices_order_key": ("payment_notices", ["order_key"]),
    "ix_payment_notices_reference": ("payment_notices", ["reference"]),
}
#: Few of very many rows: an index of these alone.
ASKED = sa.text("state = 'asked'")
SUSPENDED = sa.text("book = 'suspense' AND account_id = 0")


def upgrade() -> None:
    """Make them."""
    for name, (table, columns) in INDICES.items():
        op.create_index(name, table, columns)
    op.create_index(
        "ix_refunds_asked", "refunds", ["id"], sqlite_where=ASKED, postgresql_where=ASKED
    )
    op.create_index(
        "ix_ledger_entries_suspended",
        "ledger_entries",
        ["transaction_id"],
        sqlite_where=SUSPENDED,
        postgresql_where=SUSPENDED,
    )


def downgrade() -> None:
    """Take them back."""
    op.drop_index("ix_ledger_entries_suspended", "ledger_entries")
    op.drop_index("ix_refunds_asked", "refunds")
    for name, (table, _) in INDICES.items():
        op.drop_index(name, table)
