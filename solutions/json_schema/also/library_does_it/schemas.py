"""Kata: JSON Schema (draft 2020-12) with the jsonschema library.

A schema is DATA: a JSON document that says what other JSON documents (instances) look like. People
read it as documentation, programs use it for validation. Some tasks ask you for a schema, others
for the code around it.

Another right answer, which leaves as much as it can to the library: even the defaults are filled in by a validator.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from jsonschema.validators import create

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
    text = {"type": "string"}
    return {
        "$schema": DIALECT,
        "$id": "https://schemas.example/person",
        "type": "object",
        "required": ["name", "age"],
        "unevaluatedProperties": False,
        "properties": {
            "name": text | {"minLength": 1, "maxLength": 50},
            "age": {"allOf": [{"type": "integer"}, {"not": {"exclusiveMaximum": 0}}, {"maximum": 150}]},
            "tags": {"type": "array", "items": text, "uniqueItems": True, "default": []},
            "role": {"anyOf": [{"const": role} for role in ("admin", "editor", "reader")]},
        },
    }


# --- Task 2: valid ------------------------------------------------------------


def _checked(schema: Any, formats: FormatChecker | None = None) -> Any:
    for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema):
        raise SchemaError.create_from(error)
    return Draft202012Validator(schema, format_checker=formats).is_valid


def is_valid(schema: Any, instance: Any) -> bool:
    """Say whether the instance is valid against the schema (2020-12).

    A broken schema is a bug, not an invalid instance: let jsonschema's SchemaError escape.
    """
    return _checked(schema)(instance)


# --- Task 3: all errors -------------------------------------------------------


def _escaped(part: str | int) -> str:
    return str(part).translate({ord("~"): "~0", ord("/"): "~1"})


def problems(schema: Any, instance: Any) -> list[tuple[str, str]]:
    """Return (where, keyword) for EVERY error, sorted.

    `where` is a JSON Pointer (RFC 6901) to the offending value in the instance: "" for the whole
    document, "/items/0/price" deeper; in a key "~" is written "~0" and "/" is written "~1".
    `keyword` is the schema keyword that failed ("required", "type", ...).
    """
    Draft202012Validator.check_schema(schema)
    found = list(Draft202012Validator(schema).iter_errors(instance))
    pointers = ["".join(map("/{}".format, map(_escaped, error.absolute_path))) for error in found]
    return sorted(zip(pointers, [error.schema_path[-1] for error in found], strict=True))


# --- Task 4: formats ----------------------------------------------------------


def _is_date_time(value: object) -> bool:
    if isinstance(value, str):
        day, letter, time = value.partition("T")
        moment = datetime.strptime(  # noqa: DTZ007
            f"{day} {time.replace('Z', '+00:00')}", "%Y-%m-%d %H:%M:%S" + ".%f" * ("." in time) + "%z"
        )
        return bool(letter) and moment.utcoffset() is not None and value == value.strip()
    return True


def strict_formats() -> FormatChecker:
    """Return a NEW FormatChecker that also checks "date-time".

    A date-time is ISO 8601 text with date, time and an offset or Z ("2024-01-01T12:00:00Z").
    jsonschema does not check it unless an optional package is installed. Values that are not text
    are none of a format's business (they conform). Other FormatCheckers stay as they are.
    """

    class Strict(FormatChecker):
        def check(self, instance: object, format: str) -> None:  # noqa: A002
            super().check(instance, format)

        def conforms(self, instance: object, format: str) -> bool:  # noqa: A002
            return super().conforms(instance, format)

    checker = Strict()
    checker.checkers["date-time"] = (_is_date_time, (ValueError, TypeError))
    return checker


def is_valid_strict(schema: Any, instance: Any) -> bool:
    """Like is_valid, but "format" is an assertion here (by default it is only an annotation)."""
    return _checked(schema, strict_formats())(instance)


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

    def an_object(**properties: object) -> dict[str, Any]:
        return {"type": "object", "properties": properties, "required": [*properties]}

    text = {"type": "string"}
    address = an_object(street=text, city=text)
    address["properties"]["postcode"] = {"allOf": [{"$ref": "#/$defs/postcode"}]}
    item = an_object(sku=text, quantity={"type": "integer", "minimum": 1})
    order = an_object(
        billing={"$ref": "#/$defs/address", "title": "who pays"},
        shipping={"allOf": [{"$ref": "#/$defs/address"}], "type": "object"},
        items={"type": "array", "items": item, "minItems": 1},
        status={"enum": ["new", "shipped"]},
    )
    order["properties"]["tracking"] = text
    return order | {
        "additionalProperties": False,
        "anyOf": [{"properties": {"status": {"const": "new"}}}, {"required": ["tracking"]}],
        "$defs": {
            "address": address | {"additionalProperties": False},
            "postcode": {"type": "string", "minLength": 5, "maxLength": 5, "not": {"pattern": "[^0-9]"}},
        },
    }


# --- Task 6: main problem -----------------------------------------------------


def main_problem(schema: Any, instance: Any) -> str | None:
    """Return the message of the most relevant error (jsonschema's best_match), None when valid.

    For anyOf/oneOf that is the inner reason, not "... is not valid under any of the given schemas".
    """
    Draft202012Validator.check_schema(schema)
    found = best_match(Draft202012Validator(schema).iter_errors(instance))
    return getattr(found, "message", None)


# --- Task 7: defaults ---------------------------------------------------------


def _fill_in(validator: Any, properties: dict[str, Any], instance: Any, _: Any) -> Iterator[ValidationError]:
    """Do what the keyword `properties` does, but for the errors; put the defaults in on the way."""
    if isinstance(instance, dict):
        for name, subschema in properties.items():
            if isinstance(subschema, dict) and "default" in subschema and name not in instance:
                instance[name] = copy.deepcopy(subschema["default"])
            elif name in instance and isinstance(subschema, dict):
                yield from validator.descend(instance[name], subschema)


Filling = partial(create, {"$schema": DIALECT}, validators={"properties": _fill_in})


def with_defaults(schema: dict[str, Any], instance: dict[str, Any]) -> dict[str, Any]:
    """Return a deep copy of the instance in which missing properties have their schema's "default".

    Validators do not do this: "default" is an annotation. Nested objects that are PRESENT are filled
    in too. The instance and the schema are not changed, and share no lists or dicts with the result.
    """
    result = copy.deepcopy(instance)
    for error in Filling()(schema).iter_errors(result):
        raise error
    return result
