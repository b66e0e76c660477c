"""The language between client and server: plain structs, no I/O.

`commands` go up, `replies` and `events` come down, `records` travel inside them; `ingest` is what a telephone switch
tells us. Everything here is data. This package imports nothing of ours, and everything else may import it.
"""
