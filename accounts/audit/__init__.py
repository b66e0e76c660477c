"""The audit, read and exported by who manages. It is written in the transactions of what it tells of."""
