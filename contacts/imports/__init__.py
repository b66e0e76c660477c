"""Importing files of contacts: read in a process of its own, planned, shown, applied as a whole, undone as a whole."""
