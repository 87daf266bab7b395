"""The harness: nouns, contracts, plan, engine, store, statistics and tables."""
