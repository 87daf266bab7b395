"""How far the colours are from those that were wanted."""
