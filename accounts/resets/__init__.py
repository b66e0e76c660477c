"""Reset User: what somebody has set and collected is deleted, for a fresh start or for another person."""
