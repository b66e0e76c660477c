"""Telephone switches as administrators see them: which there are, of which domains they report, with which tokens."""
