"""Providers: one module a vendor, a class a contract."""
