from tests.support.gateway import database_url, gateway, password_hash, people, pool, start_gateway
from tests.support.windows import browser, open_window, page_of, whole_browser

__all__ = [
    "browser",
    "database_url",
    "gateway",
    "open_window",
    "page_of",
    "password_hash",
    "people",
    "pool",
    "start_gateway",
    "whole_browser",
]
