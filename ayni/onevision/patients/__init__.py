"""The people the record knows."""
