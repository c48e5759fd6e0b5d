"""How well the assistant understands and orients, measured on written cases; it sees only what a citizen gives."""
