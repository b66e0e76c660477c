"""Profiles, one's own and those of others: who sees and edits which field, lists of users, and the sites they follow.

One table says what may be done with each field (`fields.py`); HTTP, WebSocket and portal are all told by it.
"""
