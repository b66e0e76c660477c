"""What colour is everybody, and who is told."""
