"""The public JSON interface: one table of operations, from which routes and description are made."""
