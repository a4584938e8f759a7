"""The `quietline` command: every way to run, ask and mend the service from a terminal."""
