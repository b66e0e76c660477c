from tests.support.gateway import password_hash

__all__ = ["password_hash"]
