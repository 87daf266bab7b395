"""Ledger and content-addressed artifacts."""
