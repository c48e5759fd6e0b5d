"""The health facilities (IPRESS) this record serves."""
