"""A mail from a template, over SMTP, to a server that really receives it."""

import pytest

from mail.model import Mail, MailRefused
from mail.smtp import SmtpSender, SmtpServer, written
from mail.writing import write
from tests.support.smtp import Mailbox, mailbox
from wire.errors import Unavailable
from words.en import WORDS as ENGLISH

MAIL = Mail(to="ben@example.test", subject="Grüße", text="plain\n", html="<p>rich</p>", key="one")


def sender(box: Mailbox) -> SmtpSender:
    return SmtpSender(SmtpServer.of(box.url), "presence@chat.example")


async def test_a_mail_arrives_with_both_of_its_texts() -> None:
    async with mailbox() as box:
        await sender(box).send(MAIL)
    (message,) = box.received
    assert (message["to"], message["subject"]) == ("ben@example.test", "Grüße")
    assert message["from"] == "Presence <presence@chat.example>"
    assert message["auto-submitted"] == "auto-generated"
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert (plain.get_content().strip(), rich.get_content().strip()) == ("plain", "<p>rich</p>")


async def test_the_same_mail_again_says_that_it_is_the_same() -> None:
    async with mailbox() as box:
        await sender(box).send(MAIL)
        await sender(box).send(MAIL)
    first, second = box.received
    assert first["message-id"] == second["message-id"]


@pytest.mark.parametrize("answer", ["451 later", "421 too busy"])
async def test_what_may_pass_is_tried_again_by_whoever_sent_it(answer: str) -> None:
    async with mailbox() as box:
        box.answer = answer
        with pytest.raises(Unavailable):
            await sender(box).send(MAIL)


async def test_what_is_refused_for_good_is_told_as_such() -> None:
    async with mailbox() as box:
        box.answer = "554 no"
        with pytest.raises(MailRefused):
            await sender(box).send(MAIL)
        box.answer, box.recipient_answer = "", "550 no such person"
        with pytest.raises(MailRefused):
            await sender(box).send(MAIL)
        box.recipient_answer = "450 mailbox is busy"
        with pytest.raises(Unavailable):
            await sender(box).send(MAIL)


async def test_a_server_that_is_away_is_unavailable() -> None:
    async with mailbox() as box:
        pass
    with pytest.raises(Unavailable):
        await sender(box).send(MAIL)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 587, "", "", is_wrapped=False)),
        ("smtps://a%40b:p%3Aw@mail.example", SmtpServer("mail.example", 465, "a@b", "p:w", is_wrapped=True)),
        ("smtp://mail.example:25", SmtpServer("mail.example", 25, "", "", is_wrapped=False)),
    ],
)
def test_a_server_is_known_by_its_url(url: str, server: SmtpServer) -> None:
    assert SmtpServer.of(url) == server


def test_no_header_can_be_smuggled_in() -> None:
    with pytest.raises(ValueError, match=r"CR|LF|invalid"):
        written(Mail(to="a@b.test\r\nBcc: c@d.test", subject="x", text="", html="", key="k"), "a@b.test")


def test_values_are_escaped_in_html_and_not_in_text_and_a_subject_is_one_line() -> None:
    evil = "<img src=x onerror=alert(1)>\r\nBcc: everybody@example.test"
    talk = {"title": evil, "is_group": True, "unread": 1, "messages": [{"sender": evil, "text": evil}], "link": ""}
    values: dict[str, object] = {"title": evil, "talks": [talk], "others": 0, "company": evil, "minutes": 10}
    mail = write("unread", ENGLISH, to="a@b.test", key="k", values=values)
    assert "<img" not in mail.html
    assert "&lt;img" in mail.html
    assert "<img src=x" in mail.text
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert written(mail, "a@b.test")["bcc"] is None
