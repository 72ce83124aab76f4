"""The HTTP routes, by what they are about. A route translates: it calls a use case and answers."""
