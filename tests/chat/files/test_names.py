"""What a file is called, however it was called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.files.names import clean_name, content_disposition, is_program, media_type_of, picture_type_of
from wire.limits import LIMITS


@pytest.mark.parametrize(
    ("claimed", "cleaned"),
    [
        ("report.pdf", "report.pdf"),
        ("Übersicht 2026 (v2).xlsx", "Übersicht 2026 (v2).xlsx"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\Windows\\System32\\drivers.txt", "drivers.txt"),
        ("/absolute/path.txt", "path.txt"),
        ("C:\\autoexec.txt", "autoexec.txt"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        ("a/", "file"),
        (".htaccess", "htaccess"),
        ("name.txt. . .", "name.txt"),
        ("a\x00b.txt", "ab.txt"),
        ("line\r\nSet-Cookie: x.txt", "lineSet-Cookie_ x.txt"),
        ("stream.txt:hidden", "stream.txt_hidden"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("in\u200bvis\u2066ible\ufeff.pdf", "invisible.pdf"),
        ("con.txt", "_con.txt"),
        ("LPT1", "_LPT1"),
        ("console.txt", "console.txt"),
        ('quo"te<b>.txt', "quo_te_b_.txt"),
        ("e\u0301.txt", "é.txt"),
        ("\U000e0041tag.txt", "tag.txt"),
    ],
)
def test_a_name_has_no_path_and_nothing_invisible_in_it(claimed: str, cleaned: str) -> None:
    assert clean_name(claimed) == cleaned


@given(st.text(max_size=400))
def test_a_clean_name_is_clean_whatever_was_claimed(claimed: str) -> None:
    name = clean_name(claimed)
    assert name == clean_name(name)
    assert 0 < len(name) <= LIMITS.file_name_length
    assert len(name.encode()) <= 255
    assert not set(name) & set('/\\<>:"|?*\x00\r\n\u202e\u200b')
    assert not name.startswith(".")
    assert not name.endswith((".", " "))


def test_a_long_name_keeps_its_end() -> None:
    assert clean_name("x" * 500 + ".pdf") == "x" * (LIMITS.file_name_length - 4) + ".pdf"
    assert len(clean_name("é" * 500).encode()) <= 240
    assert len(clean_name("n." + "y" * 500)) <= LIMITS.file_name_length


@pytest.mark.parametrize(
    "name",
    [
        "setup.exe",
        "SETUP.EXE",
        "photo.jpg.scr",
        "invoice\u202ecod.exe",
        "a.lnk",
        "macro.vbs",
        "run.ps1",
        "x.exe. .",
        "page.hta",
    ],
)
def test_what_a_double_click_would_run_is_a_program(name: str) -> None:
    assert is_program(clean_name(name), b"")


@pytest.mark.parametrize("head", [b"MZ\x90\x00", b"\x7fELF\x02", b"#!/bin/sh\n"])
def test_a_program_is_one_whatever_it_is_called(head: bytes) -> None:
    assert is_program("holiday.jpg", head)


@pytest.mark.parametrize("name", ["report.pdf", "exe", "my.exe.pdf", "notes.txt", "com", "archive.zip"])
def test_what_is_no_program_is_none(name: str) -> None:
    assert not is_program(clean_name(name), b"%PDF-1.7")


@pytest.mark.parametrize(
    "name", ["page.html", "page.htm", "picture.svg", "feed.xml", "page.xhtml", "page.mht", "a.swf", "x"]
)
def test_what_a_browser_might_carry_out_has_no_type(name: str) -> None:
    assert media_type_of(name, b"<html><script>alert(1)</script>") == "application/octet-stream"


def test_a_picture_is_one_by_its_bytes_only() -> None:
    assert media_type_of("x.txt", b"\x89PNG\r\n\x1a\n...") == "image/png"
    assert media_type_of("x.png", b"<svg onload=alert(1)>") == "application/octet-stream"
    assert picture_type_of(b"RIFF\x00\x00\x00\x00WEBPVP8 ") == "image/webp"
    assert picture_type_of(b"GIF89a;alert(1)") == "image/gif"


@given(st.text(min_size=1, max_size=200))
def test_a_header_says_nothing_but_the_name(claimed: str) -> None:
    header = content_disposition(clean_name(claimed))
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith('attachment; filename="')
    assert header.count('"') == 2
