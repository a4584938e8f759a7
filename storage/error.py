"""What can go wrong with the database, as our callers need to tell it apart."""

from __future__ import annotations


class StorageError(Exception):
    """Root of everything the storage raises."""


class Unavailable(StorageError):  # noqa: N818 - a state, not a mistake: callers answer 503
    """The database cannot be reached, is locked for too long, or cannot write now. Nothing was changed."""


class DamagedDatabaseError(StorageError):
    """The file is no database, or it is damaged. Names the file and what to do."""


class SchemaError(StorageError):
    """The tables are not those of this version. Says which command mends it."""
