"""Starts the three systems as separate processes, plays the scenarios and writes the evidence.

Imports no system: it starts processes and speaks their protocols, as any outsider could.
"""
