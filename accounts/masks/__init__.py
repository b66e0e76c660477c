"""Masks: a manager acts as somebody of a lower scope. What a mask may not do: accounts/permissions.py."""
