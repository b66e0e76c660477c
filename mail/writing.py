"""From a template and its values to a mail. Each template is two files: `<name>.txt`, whose first line is the subject,
and `<name>.html`, in which all values are escaped."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from mail.model import Mail

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST_SUBJECT = 150


def write(template: str, *, to: str, key: str, values: dict[str, object]) -> Mail:
    """Raises jinja2's errors for a template that is not there or wants another value: both are our mistakes."""
    text = _environment().get_template(f"{template}.txt").render(values)
    subject, _, body = text.partition("\n")
    html = _environment().get_template(f"{template}.html").render(values)
    return Mail(to=to, subject=_one_line(subject), text=body.lstrip("\n"), html=html, key=key)


def _one_line(subject: str) -> str:
    """Names that people gave themselves stand in it."""
    line = " ".join("".join(each if each.isprintable() else " " for each in subject).split())
    return line if len(line) <= _LONGEST_SUBJECT else line[: _LONGEST_SUBJECT - 1] + "…"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
