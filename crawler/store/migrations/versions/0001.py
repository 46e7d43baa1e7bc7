"""The first tables."""

from alembic import op

from crawler.store.migrations import statements

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table, index and search index."""
    conn = op.get_bind()
    for statement in statements(revision, conn.dialect.name):
        conn.exec_driver_sql(statement)
