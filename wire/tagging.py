"""One spelling for the `op` of every message: the struct's name in snake case."""


def snake_case(name: str) -> str:
    """`SendMessage` -> `send_message`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
