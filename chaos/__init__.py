"""Breaking the engine on purpose, and one checker that says whether anything was lost, moved or made up.

The short form runs with the tests (`tests/faults`); the long ones are `python -m chaos`. See
docs/engine/faults.md.
"""
