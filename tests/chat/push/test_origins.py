"""Where push messages may go: to the services of browsers, and through no door inside our network."""

import pytest

from chat.push.service import is_service
from settings import Settings

SERVICES = Settings().push_services


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://db5p.notify.windows.com/w/?token=abc",
    ],
)
def test_the_services_of_browsers_are_sent_to(endpoint: str) -> None:
    assert is_service(endpoint, SERVICES)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@evil.example/",
        "https://user:secret@fcm.googleapis.com/",
        "https://fcm.googleapis.com:8443/",
        "https://notify.windows.com.evil.example/",
        "https://evilnotify.windows.com.example/",
        "https://push.apple.com/",
        "https://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "file:///etc/passwd",
        "https://",
        "",
    ],
)
def test_nothing_else_is(endpoint: str) -> None:
    assert not is_service(endpoint, SERVICES)
