"""The words all three systems share: pure functions and data, no input or output."""
