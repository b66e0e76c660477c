"""E-mail addresses, confirmed by whoever reads them: nothing that lets somebody in is sent to any other."""
