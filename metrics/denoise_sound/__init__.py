"""How clean speech came out of its noise, and how much of it was lost."""
