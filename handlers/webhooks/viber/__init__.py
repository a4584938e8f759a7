"""Viber: signed JSON callbacks in, texts with keyboards out."""
