"""Alembic's way in: it runs on the connection it is given."""

from alembic import context

from crawler.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
