"""A span for each command over a WebSocket that has to wait for something."""

from typing import Any

from opentelemetry.trace import SpanKind, StatusCode, Tracer

from connections.dispatch import Dispatcher, Row, name_of
from connections.session import Session
from wire.commands import Command
from wire.errors import ErrorCode
from wire.replies import AnyReply, Failed


class TracedDispatcher(Dispatcher):
    def __init__(self, tracer: Tracer, *parts: Any) -> None:
        super().__init__(*parts)
        self._tracer = tracer

    async def _reply_to(self, row: Row, session: Session, command: Command) -> AnyReply:
        with self._tracer.start_as_current_span(name_of(command), kind=SpanKind.SERVER) as span:
            span.set_attribute("presence.domain", session.caller.domain)
            span.set_attribute("presence.user", session.caller.user)
            span.set_attribute("presence.connection", session.connection)
            reply = await super()._reply_to(row, session, command)
            if isinstance(reply, Failed):
                span.set_attribute("presence.refused", reply.code.value)
                if reply.code is ErrorCode.INTERNAL:
                    span.set_status(StatusCode.ERROR)
            return reply
