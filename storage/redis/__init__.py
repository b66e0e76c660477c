"""Live facts and the bus between gateways, in Valkey or Redis (7.0 or newer)."""
