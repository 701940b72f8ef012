"""Kata: JSON Schema (draft 2020-12) with the jsonschema library.

A schema is DATA: a JSON document that says what other JSON documents (instances) look like. People
read it as documentation, programs use it for validation. Some tasks ask you for a schema, others
for the code around it.

Another right answer: the schemas are JSON text, as they would be in a file. Dates are matched as RFC 3339 writes them,
leap seconds and small letters included.
"""

from __future__ import annotations

import json
import re
from calendar import monthrange
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, validate
from jsonschema.exceptions import ValidationError

DIALECT = "https://json-schema.org/draft/2020-12/schema"

PERSON = """
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Person",
  "type": ["object"],
  "propertyNames": {"enum": ["name", "age", "tags", "role"]},
  "required": ["age", "name"],
  "allOf": [
    {"properties": {"name": {"type": "string", "minLength": 1, "maxLength": 50}}},
    {"properties": {"age": {"type": "number", "multipleOf": 1, "minimum": 0, "exclusiveMaximum": 151}}},
    {"properties": {"tags": {"type": "array", "uniqueItems": true, "items": {"type": "string"}}}},
    {"properties": {"role": {"type": "string", "pattern": "^(admin|editor|reader)$"}}}
  ]
}
"""

ORDER = r"""
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["status", "items", "shipping", "billing"],
  "patternProperties": {"^(billing|shipping)$": {"$ref": "#address"}},
  "properties": {
    "items": {
      "type": "array",
      "prefixItems": [{"$ref": "#/$defs/item"}],
      "items": {"$ref": "#/$defs/item"},
      "minItems": 1
    }
  },
  "oneOf": [
    {"properties": {"status": {"const": "new"}}},
    {"properties": {"status": {"const": "shipped"}, "tracking": {"type": "string"}}, "required": ["tracking"]}
  ],
  "$defs": {
    "address": {
      "$anchor": "address",
      "type": "object",
      "minProperties": 2,
      "maxProperties": 3,
      "properties": {
        "street": {"type": "string"},
        "city": {"type": "string"},
        "postcode": {"type": "string", "pattern": "^[0-9]{5}(?![\\s\\S])"}
      },
      "required": ["city", "street"],
      "unevaluatedProperties": false
    },
    "item": {
      "type": "object",
      "required": ["sku", "quantity"],
      "properties": {"sku": {"type": "string"}, "quantity": {"type": "integer", "exclusiveMinimum": 0}},
      "additionalProperties": false
    }
  }
}
"""

DATE_TIME = re.compile(
    r"([0-9]{4})-(0[1-9]|1[0-2])-([0-3][0-9])[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]+)?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)


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
    return json.loads(PERSON)


# --- Task 2: valid ------------------------------------------------------------


def is_valid(schema: Any, instance: Any) -> bool:
    """Say whether the instance is valid against the schema (2020-12).

    A broken schema is a bug, not an invalid instance: let jsonschema's SchemaError escape.
    """
    try:
        validate(instance, schema, cls=Draft202012Validator)
    except ValidationError:
        return False
    return True


# --- Task 3: all errors -------------------------------------------------------


def problems(schema: Any, instance: Any) -> list[tuple[str, str]]:
    """Return (where, keyword) for EVERY error, sorted.

    `where` is a JSON Pointer (RFC 6901) to the offending value in the instance: "" for the whole
    document, "/items/0/price" deeper; in a key "~" is written "~0" and "/" is written "~1".
    `keyword` is the schema keyword that failed ("required", "type", ...).
    """
    found = []
    for error in Draft202012Validator(schema).iter_errors(instance):
        where = ""
        for step in error.path:
            where += "/" + re.sub("[~/]", lambda sign: {"~": "~0", "/": "~1"}[sign[0]], f"{step}")
        found.append((where, str(error.validator)))
    found.sort()
    return found


# --- Task 4: formats ----------------------------------------------------------


def strict_formats() -> FormatChecker:
    """Return a NEW FormatChecker that also checks "date-time".

    A date-time is ISO 8601 text with date, time and an offset or Z ("2024-01-01T12:00:00Z").
    jsonschema does not check it unless an optional package is installed. Values that are not text
    are none of a format's business (they conform). Other FormatCheckers stay as they are.
    """
    checker = FormatChecker()
    checker.checks("date-time")(is_date_time)
    return checker


def is_valid_strict(schema: Any, instance: Any) -> bool:
    """Like is_valid, but "format" is an assertion here (by default it is only an annotation)."""
    return not any(Draft202012Validator(schema, format_checker=strict_formats()).iter_errors(instance))


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
    return json.loads(ORDER)


# --- Task 6: main problem -----------------------------------------------------


def main_problem(schema: Any, instance: Any) -> str | None:
    """Return the message of the most relevant error (jsonschema's best_match), None when valid.

    For anyOf/oneOf that is the inner reason, not "... is not valid under any of the given schemas".
    """
    try:
        validate(instance, schema, cls=Draft202012Validator)
    except ValidationError as error:  # validate() raises the best match
        return error.message
    return None


# --- Task 7: defaults ---------------------------------------------------------


def with_defaults(schema: dict[str, Any], instance: dict[str, Any]) -> dict[str, Any]:
    """Return a deep copy of the instance in which missing properties have their schema's "default".

    Validators do not do this: "default" is an annotation. Nested objects that are PRESENT are filled
    in too. The instance and the schema are not changed, and share no lists or dicts with the result.
    """
    result = clone(instance)
    todo = [(schema, result)]
    while todo:
        current, value = todo.pop()
        for name, subschema in current.get("properties", {}).items():
            if subschema in (True, False):
                continue
            if name not in value and "default" in subschema:
                value[name] = clone(subschema["default"])
            if type(value.get(name)) is dict:
                todo.append((subschema, value[name]))
    return result


def is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    found = DATE_TIME.fullmatch(value)
    if found is None or found[1] == "0000":
        return False
    return 1 <= int(found[3]) <= monthrange(int(found[1]), int(found[2]))[1]


def clone(value: Any) -> Any:
    match value:
        case dict():
            return {key: clone(inner) for key, inner in value.items()}
        case list():
            return [clone(inner) for inner in value]
    return value
