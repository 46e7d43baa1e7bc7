"""Where news comes from: one file per kind of source, and per hard site."""
