"""Metrics: one metric, or one tight family, a file; its card is its docstring."""
