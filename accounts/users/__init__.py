"""Users as they are made, let in or kept out, and deleted with their data: by managers and by administrators."""
