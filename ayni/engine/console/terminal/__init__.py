"""The console from a terminal: commands that ask a running engine over its public interface."""
