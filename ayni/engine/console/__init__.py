"""The console: what the engineer at 3 a.m. looks at."""
