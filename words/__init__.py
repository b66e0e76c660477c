"""What the service says to people outside of the portal, in their language: in mails and push messages.

The portal's own words are in `portal/words/`. Below the domains and the mails: says nothing of its own.
"""
