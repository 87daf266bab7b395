"""Measures of still backgrounds. None of them ranks: people do."""
