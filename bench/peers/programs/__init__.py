"""The load that all servers are driven with, and the physical limit: in C, compiled when they are needed."""
