"""Intervals, paired comparison, verdicts and ranks: pure functions that do not know where numbers come from."""
