"""What is fast, against what: ratios within one run."""
