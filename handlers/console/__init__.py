"""The agents' web console. Not built yet: what an agent does is in `services/desk.py`, and works from the terminal (`quietline desk`)."""
