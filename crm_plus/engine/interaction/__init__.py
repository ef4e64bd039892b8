"""What clients ask of the history and what they send to it, checked."""
