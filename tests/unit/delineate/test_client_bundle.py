"""What the client makes of a bundle that is complete, and not all there for whoever asks."""

import pytest

from delineate.cli.standing import bundle_in_words
from delineate.contracts import Bundle, FileStatus
from delineate.download.archives import ready
from delineate.errors import NoArchive

COMPLETE = Bundle(status=FileStatus.COMPLETED, percentage=100, bytesDone=2048)


def test_an_archive_that_may_not_be_had_any_more_says_so() -> None:
    withheld = COMPLETE.model_copy(update={"errorCode": "FORBIDDEN", "error": "You may not have it all."})
    with pytest.raises(NoArchive, match="may not have it all") as raised:
        ready(withheld)
    assert raised.value.code == "FORBIDDEN"


def test_files_that_are_not_in_an_archive_are_counted() -> None:
    assert "without 2 of the files" in bundle_in_words(COMPLETE.model_copy(update={"leftOut": 2}))
    assert "without" not in bundle_in_words(COMPLETE)
