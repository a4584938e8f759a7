"""The HTTP API for campaign systems, CRM and ESP."""

from __future__ import annotations

from flask import Blueprint

from handlers.deps import House


def blueprint(house: House) -> Blueprint:
    """Every route under /api/v1."""
    return Blueprint("api", __name__, url_prefix="/api/v1")
