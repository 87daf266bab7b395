"""Shared measurements, computed once per artifact and cached."""
