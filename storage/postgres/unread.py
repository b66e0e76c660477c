"""How unread messages are counted without reading any.

Unread are others' messages after what the member has read. Messages are numbered without gaps, so it is arithmetic, if
one knows how many of them are the member's own. SQL over `conversations c` and a row of `conversation_members m`.
"""

OWN_SENT = """
CASE WHEN c.kind <> 'direct' THEN m.sent
    WHEN m.user_id = c.member_ids[1] THEN c.first_sent
    ELSE c.last_seq - c.first_sent
END
"""

UNREAD = f"(c.last_seq - m.read_seq) - ({OWN_SENT} - m.sent_until_read)"
