"""One file per lever of the model: declaration, usage change, guardrails."""
