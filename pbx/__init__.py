"""What telephone switches tell us, turned into facts about users.

`contract` and `sequence` decide, `service` does, `routes` is the HTTP side; each switch that does not speak the neutral
contract itself has a package of its own with pure mapping functions (`kamailio`). Start with docs/switch-contract.md.
"""
