"""How near a captured motion is to the true one, and how steady. SI units; frames a second are always told."""
