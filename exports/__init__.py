"""A plan or an outcome → text or bytes, nothing else."""
