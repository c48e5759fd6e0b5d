"""How well the assistant understands and orients, measured from outside on written cases."""
