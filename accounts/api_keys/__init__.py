"""Keys with which programs of a customer's ask and act, within their scopes, as the user they were made for."""
