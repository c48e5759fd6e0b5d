"""oneVisionCax, the regional health record: it takes citizens' requests, acts on them, and says so."""

SYSTEM = "onevision"
"""Its name in settings, logs and folders."""

ACCOUNTS_FILE = "accounts.sqlite"
"""Accounts and sessions, in its data folder; the record itself is a file of its own."""
