"""Ended jobs in PostgreSQL. Only functions with the layer `history` have the driver."""
