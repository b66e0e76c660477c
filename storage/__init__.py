"""The only place that knows PostgreSQL and Redis.

Holds the pools, the SQL, the scripts, the migrations and the embedded servers. It implements the store Protocols which
the domain packages define; nothing below it ever sees a driver.
"""
