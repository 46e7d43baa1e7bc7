"""Who asked a host last, and from when another may; why a report belongs to its deal."""

from alembic import op

from crawler.store.migrations import statements

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what hosts are leased by, and the seats of reports."""
    conn = op.get_bind()
    for statement in statements(revision, conn.dialect.name):
        conn.exec_driver_sql(statement)
