"""The schema, one numbered revision a file. Forward only; each must leave the previous version of the program working.

To add one: `versions/NNNN_name.sql` (plain SQL) and `versions/NNNN_name.py` beside it (copy the last one).
"""
