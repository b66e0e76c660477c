"""How a test's server on loopback stops, so that no connection is left that nobody owns."""

import asyncio


async def stop_listening(server: asyncio.Server) -> None:
    """Nothing is accepted any more; what was accepted just now has still been given to `server`'s protocol.

    `Server.close` alone loses a connection that the loop has accepted and not yet made into a transport (Python 3.11:
    `Server._attach` raises): its socket stays open until garbage is collected, and some later test fails for it.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening)
    for _turn in range(3):  # accepted, the transport, and one for whatever else was ready before
        await asyncio.sleep(0)
    server.close()
