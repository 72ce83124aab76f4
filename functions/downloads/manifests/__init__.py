"""Manifests: a job's links as the tools that people already have read them. Standard library only."""
