"""Kata: JSON Schema (draft 2020-12) with the jsonschema library.

A schema is DATA: a JSON document that says what other JSON documents (instances) look like. People
read it as documentation, programs use it for validation. Some tasks ask you for a schema, others
for the code around it.
"""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match

DIALECT = "https://json-schema.org/draft/2020-12/schema"


# --- Task 1: first schema -----------------------------------------------------


def person_schema() -> dict[str, Any]:
    """Return the schema of a person: an OBJECT

    * "$schema" is DIALECT;
    * name: text of 1 to 50 characters, required;
    * age: whole number, 0 to 150, required;
    * tags: list of text, each tag at most once, optional;
    * role: one of "admin", "editor", "reader", optional;
    * nothing else is allowed.
    """
    raise NotImplementedError


# --- Task 2: valid ------------------------------------------------------------


def is_valid(schema: Any, instance: Any) -> bool:
    """Say whether the instance is valid against the schema (2020-12).

    A broken schema is a bug, not an invalid instance: let jsonschema's SchemaError escape.
    """
    raise NotImplementedError


# --- Task 3: all errors -------------------------------------------------------


def problems(schema: Any, instance: Any) -> list[tuple[str, str]]:
    """Return (where, keyword) for EVERY error, sorted.

    `where` is a JSON Pointer (RFC 6901) to the offending value in the instance: "" for the whole
    document, "/items/0/price" deeper; in a key "~" is written "~0" and "/" is written "~1".
    `keyword` is the schema keyword that failed ("required", "type", ...).
    """
    raise NotImplementedError


# --- Task 4: formats ----------------------------------------------------------


def strict_formats() -> FormatChecker:
    """Return a NEW FormatChecker that also checks "date-time".

    A date-time is ISO 8601 text with date, time and an offset or Z ("2024-01-01T12:00:00Z").
    jsonschema does not check it unless an optional package is installed. Values that are not text
    are none of a format's business (they conform). Other FormatCheckers stay as they are.
    """
    raise NotImplementedError


def is_valid_strict(schema: Any, instance: Any) -> bool:
    """Like is_valid, but "format" is an assertion here (by default it is only an annotation)."""
    raise NotImplementedError


# --- Task 5: say it once ------------------------------------------------------


def order_schema() -> dict[str, Any]:
    """Return the schema of an order: an object with

    * billing and shipping: addresses (required), defined ONCE under "$defs" and used by "$ref";
      an address is an object with required text street and city, and an optional text postcode
      of five digits and nothing else (patterns are ECMA-262: no Python-only \\Z, and note that Python's
      `$` also matches before a final newline); other properties are not allowed;
    * items: a non-empty list (required) of objects with a required text sku and a required quantity,
      a whole number of at least 1;
    * status: "new" or "shipped" (required); a "shipped" order must have a text tracking.
    """
    raise NotImplementedError


# --- Task 6: main problem -----------------------------------------------------


def main_problem(schema: Any, instance: Any) -> str | None:
    """Return the message of the most relevant error (jsonschema's best_match), None when valid.

    For anyOf/oneOf that is the inner reason, not "... is not valid under any of the given schemas".
    """
    raise NotImplementedError


# --- Task 7: defaults ---------------------------------------------------------


def with_defaults(schema: dict[str, Any], instance: dict[str, Any]) -> dict[str, Any]:
    """Return a deep copy of the instance in which missing properties have their schema's "default".

    Validators do not do this: "default" is an annotation. Nested objects that are PRESENT are filled
    in too. The instance and the schema are not changed, and share no lists or dicts with the result.
    """
    raise NotImplementedError
