"""Everything with IO or with a date: ways in, reductions, workspace, prices. Hands over tables and arrays."""
