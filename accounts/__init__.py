"""Who may log in and do what: sessions, permissions, profiles, audit.

`permissions` and `profiles` decide and do nothing; `service` does; `store` says what has to be kept.
"""
