"""Search over one's own conversations. Part of chat/service.py."""

from datetime import datetime

from chat.admission import refuse_masked
from chat.errors import ConversationNotFound, NothingToSearch
from chat.indexing import Indexer
from chat.model import SearchCursor, SearchFilter
from chat.paging import how_many_fit, size_of_message
from chat.searching import matched_words, terms_of
from chat.store import ChatStore
from wire.errors import Unavailable
from wire.identity import Caller, ConversationId, UserId
from wire.records import Hit


class SearchService:
    def __init__(self, store: ChatStore, indexer: Indexer) -> None:
        self._store = store
        self._indexer = indexer

    async def search(
        self,
        caller: Caller,
        text: str,
        *,
        sender: UserId | None = None,
        conversation: ConversationId | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: str | None = None,
        limit: int = 20,
    ) -> tuple[list[Hit], str | None]:
        """Newest first, and the cursor of the next page. At most `limit`; fewer, if they are long.

        Raises `NothingToSearch`, `ConversationNotFound`, `Invalid` for the cursor; `Unavailable` while too much was
        written that cannot be found yet.
        """
        refuse_masked(caller)
        terms = terms_of(text)
        if not terms:
            raise NothingToSearch
        only = SearchFilter(sender, since, until, None if before is None else SearchCursor.parse(before))
        scopes = await self._store.search.scopes(caller.domain, caller.user, conversation)
        if conversation is not None and not scopes:
            raise ConversationNotFound(conversation)
        if not await self._indexer.catch_up(caller.domain, scopes):
            raise Unavailable("Much was written just now; it can be searched in a moment", retry_after=2.0)
        found = list(await self._store.search.search(caller.domain, scopes, terms, only, limit + 1))
        taken = how_many_fit(found, limit, size_of_message)
        hits = [Hit(message=message, words=matched_words(message.body, terms)) for message in found[:taken]]
        if taken == len(found):
            return hits, None
        last = found[taken - 1]
        return hits, str(SearchCursor(last.sent_at, last.conversation, last.seq))
