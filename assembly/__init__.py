"""The parts of a gateway, each plugged together from the settings with plain constructor arguments (gateway.py)."""
