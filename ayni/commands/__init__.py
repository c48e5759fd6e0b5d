"""Commands of `ayni` that belong to no system."""
