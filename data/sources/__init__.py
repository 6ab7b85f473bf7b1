"""Ways in: one adapter per source, all to the canonical charge relation."""
