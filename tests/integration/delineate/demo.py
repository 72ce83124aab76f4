"""Runs the fake service with slow jobs until it is stopped, to look at the command line: prints its URL."""

import sys
import threading

from tests.integration.delineate.fake_service import FakeService
from tests.integration.delineate.fake_storage import FakeStorage

if __name__ == "__main__":
    pace, rate = float(sys.argv[1]), float(sys.argv[2])
    with FakeStorage() as storage, FakeService(storage, pace=pace, batch=int(sys.argv[3])) as service:
        storage.bytes_a_second = rate
        service.missing = {70021, 70300, 70302}
        service.size = lambda file_id: 300_000 + file_id * 7919 % 3_000_000
        sys.stdout.write(service.url + "\n")
        sys.stdout.flush()
        threading.Event().wait()
