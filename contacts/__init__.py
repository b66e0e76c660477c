"""Coworkers and contacts: the directory, shared and personal contacts, and the groups of the portal's list."""
