"""Telling those who do not look: by e-mail after a while, and by web push at once.

Nobody is told who has read it, who does not want to be disturbed, or who has muted the conversation, unless the message
mentions them. E-mail is one digest, at most one an hour.
"""
