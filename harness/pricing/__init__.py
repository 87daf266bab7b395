"""The price book: dated, sourced, append-only; refuses to guess."""
