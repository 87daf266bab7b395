"""Engines that need no key."""
