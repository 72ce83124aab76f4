"""What is wrong with a request, in the words of someone who writes JSON and addresses, not Python."""

from collections.abc import Mapping
from typing import Any

# By pydantic's type of the error. What is not named here is plain enough in pydantic's own words.
WORDS = {
    "missing": "This is required",
    "extra_forbidden": "There is no field of this name",
    "model_type": "This should be a JSON object",
    "model_attributes_type": "This should be a JSON object",
    "list_type": "This should be a list",
    "too_short": "This should have at least {min_length} entry",
    "int_type": "This should be a whole number, without quotes",
    "int_parsing": "This should be a whole number",
    "bool_parsing": "This should be true or false",
    "enum": "This should be {expected}",
    "greater_than_equal": "This should be at least {ge}",
    "less_than_equal": "This should be at most {le}",
    "string_too_short": "This should have at least {min_length} character",
    "string_too_long": "This should have at most {max_length} characters",
    # The only pattern of the contract is that of Idempotency-Key.
    "string_pattern_mismatch": "This should be printable ASCII without spaces",
    "uuid_parsing": "This should be the jobId of a job, a UUID",
    "url_type": "This should be a whole address, such as https://example.com/hook",
    "url_parsing": "This should be a whole address, such as https://example.com/hook",
    "url_too_long": "This should have at most {max_length} characters",
    "url_scheme": "This should be an address that begins with https://",
}


def sentence(problem: Mapping[str, Any]) -> str:
    """One of the problems of a pydantic ``ValidationError``, as a sentence."""
    words = WORDS.get(problem["type"])
    return words.format(**problem.get("ctx", {})) if words else str(problem["msg"])
