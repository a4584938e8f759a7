"""The bot's mind, pure: (state, event, facts) -> (state, effects). No I/O, no clock, no database.

Start at `engine.py`; the vocabulary is in `domain/`, one conversation each in `dialogues/`.
"""
