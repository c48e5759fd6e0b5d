"""QHALI without a browser: a chat in a terminal, and what an SMS gateway would carry to and fro."""
