"""Writes the collection for API clients anew from the OpenAPI document: `make collection`."""

from tests.collection.postman import COMMITTED, text

if __name__ == "__main__":
    COMMITTED.parent.mkdir(parents=True, exist_ok=True)
    COMMITTED.write_text(text(), "utf-8")
