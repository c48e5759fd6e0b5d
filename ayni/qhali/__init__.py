"""QHALI, the citizen's assistant: it listens, structures, orients, sends, and tells what happened."""

SYSTEM = "qhali"
"""Its name in settings, logs and folders."""

DATABASE_FILE = "qhali.sqlite"
"""Drafts, requests, outbox and received keys, in its data folder."""
