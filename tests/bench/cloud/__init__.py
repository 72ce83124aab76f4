"""A cloud in memory for counting: it answers the functions' own clients, and knows AWS's API alone.

Its table knows no item of the service by name. What it leaves out: throttling, conflicts between calls at
the same moment, and time, which tests/bench/cloud/play.py adds by a model.
"""
