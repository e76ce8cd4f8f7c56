"""The store: one engine to read, one to write, migrations with a version table per plugin."""
