"""One file per lever of the model: declaration, usage change, guardrails; ``model.levers.registry`` lists them all."""
