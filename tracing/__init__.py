"""What a request or command went through, as OpenTelemetry traces. Loaded only where an endpoint for them is set.

Nothing below knows of it: each file extends one thing that gateway.py plugs in, so that without traces there is nothing
to skip.
"""
