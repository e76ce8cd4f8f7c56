import pytest

from tesweb.testing.stores import SqliteStore, Store


@pytest.fixture
def store(sqlite_store: SqliteStore) -> Store:
    """What is sent does not depend on the database: each budget is looked at once."""
    return sqlite_store
