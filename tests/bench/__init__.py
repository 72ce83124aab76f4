"""Benches: figures of one run, compared with their floors, written into docs/benchmarks.md."""
