"""The loop that makes takes: limits, retry, budget, leases; it knows no vendor, metric or stage by name."""
