"""The HTTP API for campaign systems, CRM and ESP: ask the gate, claim sends, change preferences, follow the ledger.

The document of all routes is `document.py`, served at `/api/v1/openapi.json`; the handbook is docs/api.md.
"""

from __future__ import annotations

from handlers.api.route import blueprint

__all__ = ["blueprint"]
