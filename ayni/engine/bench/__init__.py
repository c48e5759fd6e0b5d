"""One cell of the engine's benchmark: a load, a sink, and the engine between them, each its own process."""
