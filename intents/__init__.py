"""Recognising what a person means: text in, a `Reading` out. Pure: no I/O but reading phrase files handed to it.

Start at `reading.py` (what comes out), then `recogniser.py` (the layers in order).
"""
