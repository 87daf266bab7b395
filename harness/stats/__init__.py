"""Intervals, paired comparison, ranking: pure functions."""
