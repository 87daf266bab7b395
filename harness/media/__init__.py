"""Probing, decoding and derivatives."""
