"""The service's public shapes: what validates a request is what documents it."""
