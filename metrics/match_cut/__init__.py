"""Metrics of match cutting."""
