"""PostgreSQL: the pool, the migrations, and one module a domain that implements its store Protocol in SQL."""
