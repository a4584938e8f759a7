"""The dialogues, one subject each: what is said and done when the transition table calls."""
