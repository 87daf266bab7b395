"""What vendors charge: a dated, sourced, append-only book of unit prices that refuses to guess."""

from filmbench.harness.pricing.pricebook import Price, PriceBook, Row, book, from_nano, nano

__all__ = ["Price", "PriceBook", "Row", "book", "from_nano", "nano"]
