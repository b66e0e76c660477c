"""Text messages: conversations with one outside number, over whatever provider an operator has.

A number of ours belongs to one user or is shared by several, who then are in the same conversations. What they write is
kept first, like every message, and then handed to the provider; what becomes of it is told by a change of the message.
"""
