"""One's own logins, wherever they are: what there is, and ending them."""
