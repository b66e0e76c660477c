"""HTTP: operations of the domains as routes, their documents, the portal's files, and the probes.

Domains describe their operations as data (wire/operations.py); nothing here knows what an operation means.
"""
