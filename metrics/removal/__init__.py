"""What a removal left behind: in the hole, at its border, and everywhere else."""
