"""Getting in by what somebody else vouches for: an identity provider (OpenID Connect), or a portal with its own login.

Who vouches for whom is said by whoever runs us, domain by domain, at the command line. Nothing crosses domains: what a
provider says counts in the domain that named it, and finds users of that domain only.
"""
