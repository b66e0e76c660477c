"""Asterisk, read over its manager interface (AMI): the protocol, its messages as facts, and who reads them."""
