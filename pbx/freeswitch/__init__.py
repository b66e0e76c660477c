"""FreeSWITCH, read over its event socket (ESL): the protocol, its events and lists as facts, and who reads them."""
