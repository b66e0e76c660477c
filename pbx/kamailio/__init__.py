"""Kamailio: its configuration (kamailio.cfg, presence.cfg), and what its raw events and lists mean in the contract.

The Kamailio language is a poor place for mapping, so that the switch tells what it sees and the rest is done here.
"""
