"""The HTTP operations as data, for the documents that are made of them. There is no service behind them."""

from typing import Any, cast

import msgspec

import gateway
from connections.starting import server_version
from web.documents import to_markdown
from web.http_document import http_document
from web.openapi import openapi_document
from wire.operations import Operation


class _Unplugged:
    """Stands where the services would: operations only touch theirs when they are called."""

    def __getattr__(self, name: str) -> Any:
        return None


def all_operations() -> list[Operation]:
    return gateway.operations_of(cast(gateway.Services, _Unplugged()))


def openapi_text() -> str:
    document = msgspec.json.encode(openapi_document(all_operations(), server_version()))
    return msgspec.json.format(document, indent=2).decode() + "\n"


def http_text() -> str:
    return to_markdown(http_document(all_operations()))
