"""Measures of generated clips. None of them ranks: people do."""
