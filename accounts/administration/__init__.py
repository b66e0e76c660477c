"""Whoever runs the service, over HTTP: keys of their own, which act in each domain as nobody of it."""
