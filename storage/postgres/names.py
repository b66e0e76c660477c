"""What somebody is called, as SQL: for whoever is told outside of the portal, where the client would put it together.

`u` is a row of `users`, and may be absent. Per field, what the reader wrote down about a coworker counts more.
"""


def name_for(reader: str) -> str:
    """An expression. `reader`: the column with the number of who reads it, in the domain of `u`."""
    return f"""(
        SELECT concat_ws(' ', coalesce(nullif(v.first_name, ''), nullif(u.first_name, '')),
            coalesce(nullif(v.last_name, ''), nullif(u.last_name, '')))
        FROM (SELECT) one LEFT JOIN contact_overlays v
            ON v.domain_id = u.domain_id AND v.user_id = {reader} AND v.coworker_id = u.user_id AND NOT v.gone
    )"""  # noqa: S608 - put together from constants
