"""The physics behind the levers: queues, caches, order statistics. Plain arrays in, plain arrays out."""
