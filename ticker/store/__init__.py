"""The store: SQLAlchemy Core, SQLite by default. Committed figures, the state of each feed, and who refreshes."""
