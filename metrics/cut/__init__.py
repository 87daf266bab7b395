"""Metrics of text-based cutting."""
