"""The model: pure arithmetic over arrays. No IO, no clock, no unseeded randomness."""
