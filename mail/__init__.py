"""E-mail to users: what a mail is, how it is written, how it goes out. Below the domains, which say what is to be told.

Nothing is promised but what SMTP promises: a mail was taken over by a server, or it was not.
"""
