"""The pages of the console, for people: the same data as the interface, in Spanish and English."""
