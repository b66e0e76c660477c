"""A provider by plain HTTP: one signed request a message. What it says later comes to `/v1/sms/events`."""

import time
from collections.abc import Callable

import msgspec

from chat.sms.model import OutgoingSms, ProviderRefused
from chat.sms.signing import HEADER, sign
from wire.errors import Unavailable
from wire.outgoing import Outgoing, Unreachable
from wire.sms import SmsRequest

_MAY_PASS = frozenset({408, 409, 425, 429})


class HttpSmsProvider:
    """See `chat.sms.model.SmsProvider`. Posts a `wire.sms.SmsRequest` to `url`; any 2xx means that it was taken."""

    def __init__(self, outgoing: Outgoing, url: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._outgoing = outgoing
        self._url = url
        self._secret = secret
        self._clock = clock

    async def send(self, sms: OutgoingSms) -> None:
        request = SmsRequest(id=sms.id, sender=sms.sender, to=sms.to, text=sms.text)
        body = msgspec.json.encode(request)
        headers = {HEADER: sign(self._secret, body, self._clock()), "Idempotency-Key": sms.id}
        try:
            answered = await self._outgoing.send("POST", self._url, body, headers)
        except Unreachable as error:
            raise Unavailable(f"The provider of text messages cannot be reached: {error}", retry_after=30.0) from error
        if answered.is_good:
            return
        if answered.status >= 500 or answered.status in _MAY_PASS:
            raise Unavailable(f"The provider of text messages answers {answered.status}", retry_after=30.0)
        raise ProviderRefused(f"The provider of text messages refuses this: {answered.status}")
