"""Changing one's own password while logged in."""
