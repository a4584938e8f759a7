"""What is kept: tables, the consent ledger, inbox, outbox, conversations and cases, on SQLite or PostgreSQL.

Start at `store.py` (transactions) and `schema.py` (tables). One module per kind of row; every function takes a `Tx`.
"""

from storage.error import DamagedDatabaseError, SchemaError, StorageError, Unavailable

__all__ = ["DamagedDatabaseError", "SchemaError", "StorageError", "Unavailable"]
