"""QHALI, the citizen's assistant: it listens, structures, orients, sends, and tells what happened."""
