"""Measurements of a whole running gateway, each against the goal it is held to; `python3 dev.py bench` prints the list.

Not part of the product and imported by nothing. How things are measured, and why so, is in docs/benchmarks.md.
"""
