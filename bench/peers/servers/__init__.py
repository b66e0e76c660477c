"""Configurations of the peers, and what those that are libraries need of an application; `@NAME@` is filled in."""
