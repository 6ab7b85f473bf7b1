"""Programs that are exported as they are: each stands alone, with the standard library only."""
