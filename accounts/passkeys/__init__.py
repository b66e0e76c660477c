"""Passkeys (WebAuthn): in place of the password, or as the second factor beside it.

The authenticator always asks for a finger, a face or a PIN of its own, so that a passkey alone is two factors.
"""
