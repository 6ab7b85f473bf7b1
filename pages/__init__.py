"""One question per page: read the scenario, call the model, show."""
