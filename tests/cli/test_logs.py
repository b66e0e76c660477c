"""What the log shows, and what it never does."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from cli.logs import MASK, is_secret_name, set_up_logs


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Logging is set up for a whole process, which the other tests share."""
    root, handlers, level = logging.root, logging.root.handlers[:], logging.root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    for name in ("uvicorn", "uvicorn.error", "alembic", "sqlalchemy", "asyncio", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_without_a_terminal_every_line_is_json(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", "auto")
    structlog.get_logger("presence.service").info("connected", user="17")
    logging.getLogger("uvicorn.error").error("bad %s", "thing")
    ours, foreign = lines(capfd)
    assert list(ours)[:4] == ["ts", "level", "event", "logger"]
    assert (ours["level"], ours["event"], ours["logger"], ours["user"]) == (
        "info",
        "connected",
        "presence.service",
        "17",
    )
    assert (foreign["event"], foreign["logger"]) == ("bad thing", "uvicorn.error")


def test_what_a_request_or_connection_bound_is_on_each_of_its_lines(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", "json")
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger().info("one")
        logging.getLogger("library").warning("two")
    assert [line["request_id"] for line in lines(capfd)] == ["r-1", "r-1"]


def test_whom_a_task_is_at_work_for_is_on_each_line_unless_the_line_says_another(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.logs.whom_it_concerns", lambda: {"connection": "c", "user": 1})
    set_up_logs("info", "json")
    structlog.get_logger().info("one")
    logging.getLogger("library").warning("two")
    structlog.get_logger().info("three", user=2)
    assert [(line["connection"], line["user"]) for line in lines(capfd)] == [("c", 1), ("c", 1), ("c", 2)]


def test_secrets_are_masked_wherever_they_stand(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", "json")
    structlog.get_logger().info(
        "login",
        password="hunter2",
        headers={"Authorization": "Bearer hunter2", "accept": "*/*"},
        tries=[{"pin": "hunter2"}, {"new_password": "hunter2"}],
        store="redis://:hunter2@cache/0",
    )
    output = capfd.readouterr().out
    assert "hunter2" not in output
    assert '"accept":"*/*"' in output
    assert output.count(MASK) == 5


def test_an_exception_is_one_line_and_holds_no_password(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", "json")
    try:
        raise RuntimeError("cannot reach postgresql://user:hunter2@db/presence")
    except RuntimeError:
        structlog.get_logger().exception("failed")
    (line,) = lines(capfd)
    assert "RuntimeError" in str(line["exception"])
    assert "hunter2" not in str(line)


def test_what_cannot_be_json_is_shown_somehow(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", "json")
    structlog.get_logger().info("odd", value=object, inner=[{1, 2}])
    assert lines(capfd)[0]["value"] == repr(object)


def test_a_person_reads_no_json(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", "console")
    structlog.get_logger("presence").warning("late", seconds=3)
    output = capfd.readouterr().out
    assert "late" in output
    assert "seconds=3" in output
    assert not output.startswith("{")


def test_what_is_below_the_level_is_not_told(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs("warning", "json")
    structlog.get_logger().info("chatter")
    logging.getLogger("library").info("chatter")
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("password", True),
        ("new_password", True),
        ("Authorization", True),
        ("Set-Cookie", True),
        ("pin", True),
        ("switch_token", True),
        ("ping", False),
        ("typing", False),
        ("tokenise", False),
        (1, False),
    ],
)
def test_names_of_secrets_are_known_by_whole_words(name: object, is_secret: bool) -> None:
    assert is_secret_name(name) == is_secret
