"""Writes the React sample's types anew from the OpenAPI document: `make react-types`."""

from tests.react.types import COMMITTED, text

if __name__ == "__main__":
    COMMITTED.write_text(text(), "utf-8")
