"""The WebSocket protocol itself (RFC 6455), server side, under uvicorn's HTTP.

Two implementations of the same: `protocol.py`, ours, which costs a tenth of the memory and a fraction of the work; and
`library.py`, uvicorn's class on top of the `websockets` library, as the fallback (PRESENCE_WEBSOCKET=library).
"""
