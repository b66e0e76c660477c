"""This gateway, as an operator starts it; what is kept goes to PostgreSQL, everything live through Valkey."""

from contextlib import AsyncExitStack

from bench.chat import make_conversations
from bench.peers.running import Place, Running, Scene
from bench.stage import Stage, stage

_DIRECTORY = 500
"""Users of the company that idle sessions see."""


async def start(scene: Scene, place: Place, keep: AsyncExitStack) -> Running:
    played_on: Stage = await keep.enter_async_context(stage())
    company = await played_on.company(min(scene.people, _DIRECTORY) if scene.play == "idle" else scene.people)
    if scene.play == "chat":
        await make_conversations(played_on, company)
    gateway = played_on.gateway()
    tokens = place.write("tokens", "\n".join(await played_on.tokens(company, scene.people)) + "\n")
    parts = {"server": gateway.pid, "database": played_on.postgres_pid, "redis": played_on.valkey_pid}
    return Running("presence", gateway.port, parts, ["path=/ws", f"tokens={tokens}"])
