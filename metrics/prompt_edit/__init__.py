"""Whether an edit did what it was told, and left the rest as it was."""
