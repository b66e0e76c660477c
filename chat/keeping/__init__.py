"""How long messages are kept, and how a conversation is taken along.

Retention deletes from the beginning of each conversation, in small steps, and says so in the audit: what is gone counts
as read, and as before everybody's joining. An export is what its reader may see, streamed as JSON or as text.
"""
