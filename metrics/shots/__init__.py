"""Metrics of shot boundaries."""
