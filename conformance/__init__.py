"""How far the vocabulary agrees with the standards, on data that other projects publish.

`make conformance DATA=folder` prints the scores and writes `var/conformance.json`. The folder holds what is
not part of this repository; a score whose data is not there is left out, and says so.
"""
