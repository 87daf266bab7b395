"""What vendors charge: a dated, sourced, append-only book of unit prices that refuses to guess."""

from filmbench.harness.pricing.pricebook import STALE_DAYS, Lifetime, Price, PriceBook, Row, from_nano, nano
from filmbench.harness.pricing.reading import book

__all__ = ["STALE_DAYS", "Lifetime", "Price", "PriceBook", "Row", "book", "from_nano", "nano"]
