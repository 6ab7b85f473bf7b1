"""Fitted forecasts: what statsmodels makes of a history. Sees only the model, which judges and picks."""
