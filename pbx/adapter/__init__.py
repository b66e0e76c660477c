"""What all adapters share: a process beside a telephone switch that speaks the contract for it.

A switch's own package says how to read it; here is what it says it to (`board.py`), how that is numbered and kept
(`outbox.py`), how it reaches the gateway (`delivery.py`), and what becomes of a lost line (`line.py`).
"""
