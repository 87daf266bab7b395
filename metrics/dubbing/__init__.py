"""Metrics of dubbing."""
