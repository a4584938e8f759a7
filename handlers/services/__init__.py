"""Use cases, one transaction each. The console, the API, the command line and the channels all act through these."""
