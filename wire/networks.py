"""Who counts as one when somebody is counted by address."""

import ipaddress

_IPV6_PREFIX = 64
"""Whoever has one IPv6 address has all of its network."""


def network_of(address: str) -> str:
    """Who counts as one: an IPv4 address, or the network of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), _IPV6_PREFIX), strict=False))
    return str(parsed)
