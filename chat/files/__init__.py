"""Files in conversations: uploaded for one, sent with a message, read by those who may read the message.

Nothing that comes in is believed: neither its name nor its type, and its bytes are only ever looked into as a picture,
in a thread, within limits. What goes out can do nothing in a browser but be shown as a picture or be saved.
"""
