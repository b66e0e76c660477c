"""From a template and its values to a mail. Each template is two files: `<name>.txt`, whose first line is the subject,
and `<name>.html`, in which all values are escaped. What they say stands in `words/`."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from markupsafe import escape

from mail.model import Mail
from words.catalogue import Words, counted

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST_SUBJECT = 150


def write(template: str, words: Words, *, to: str, key: str, values: dict[str, object]) -> Mail:
    """Raises jinja2's errors for a template that is not there or wants another value: both are our mistakes."""
    text = _environment().get_template(f"{template}.txt").render(values, words=words)
    subject, _, body = text.partition("\n")
    html = _environment().get_template(f"{template}.html").render(values, words=words)
    return Mail(to=to, subject=_one_line(subject), text=body.lstrip("\n"), html=html, key=key)


def _one_line(subject: str) -> str:
    """Names that people gave themselves stand in it."""
    line = " ".join("".join(each if each.isprintable() else " " for each in subject).split())
    return line if len(line) <= _LONGEST_SUBJECT else line[: _LONGEST_SUBJECT - 1] + "…"


@pass_eval_context
def _say(context: EvalContext, sentence: str, **values: object) -> str:
    """A sentence with its values, each of them escaped where the template is HTML."""
    return escape(sentence).format(**values) if context.autoescape else sentence.format(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"say": _say, "counted": counted}
    return environment
