"""The download domain: what a job is, what is done with it, and the AWS services that carry it."""

import gc
import time

VERSION = "0.1.0"
# The first that a function loads of its own: seconds of a clock that tells spans only.
LOADING_SINCE = time.perf_counter()
# What is loaded stays: to look through it for garbage, again and again, takes a tenth of the time.
COLLECT_AFTER = gc.get_threshold()
gc.set_threshold(1_000_000)
