"""Alembic's environment for the core and every plugin; `migrations.configuration` fills it."""

from alembic import context
from sqlalchemy.schema import SchemaItem

# Imported for their tables: what Alembic does not see it would drop.
import tesweb.accounts.models
import tesweb.exchange.models
import tesweb.factors.models
import tesweb.freeze.models
import tesweb.identity.models
import tesweb.journal.models
import tesweb.ledger.models
import tesweb.messages.models
import tesweb.meters.models
import tesweb.payments.models
import tesweb.registration.models  # noqa: F401 - the same
from tesweb.database.revisions import CORE

owner = context.config.attributes["owner"]


def is_ours(item: SchemaItem, name: str | None, kind: str, reflected: bool, _: object) -> bool:  # noqa: FBT001 - Alembic's signature
    """Whether a table belongs to this owner, so that autogenerate leaves the others' alone."""
    del item, reflected
    if kind != "table" or name is None:
        return True
    if owner.name == CORE:
        others = context.config.attributes["others"]
        return not name.startswith((*(f"{other}_" for other in others), "alembic_version"))
    return name.startswith(f"{owner.name}_")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    version_table=owner.version_table,
    include_object=is_ours,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
