"""A job's states as they come: by WebSocket, by events, by asking."""
