"""oneVisionCax, the regional health record: it takes citizens' requests, acts on them, and says so."""
