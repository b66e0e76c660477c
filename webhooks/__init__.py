"""Tells other people's programs what changes: presence and names, signed, in order, the newest of each user only.

There is no queue. Where a webhook stands is a position in the presence stream and one in the directory; what it has yet
to hear is whatever is newer, which the stores know anyway. `service` delivers, `messages` and `signing` decide what is
sent. Start with docs/webhooks.md.
"""
