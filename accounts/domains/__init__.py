"""Companies: added, set up and deleted by administrators, and set up by who manages them."""
