"""Live WebSockets: who is connected here, what they ask, and how everything reaches them without anybody waiting."""
