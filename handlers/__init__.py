"""Everything that meets the outside world: who handles what comes in, and what goes out.

Start at `app.py` (what is wired together) and `services/inbound.py` (the journey of one message).
"""
