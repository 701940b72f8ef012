"""Kata: JSON Schema (draft 2020-12) with the jsonschema library.

A schema is DATA: a JSON document that says what other JSON documents (instances) look like. People
read it as documentation, programs use it for validation. Some tasks ask you for a schema, others
for the code around it.

Another right answer, of objects that can be called: none of them has a __name__. The schemas are put together from
small parts, and everything that may refuse a broken schema does.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial, reduce
from itertools import starmap
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, by_relevance

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


# --- Parts --------------------------------------------------------------------


def text(**more: object) -> Schema:
    return {"type": "string", **more}


def whole(**more: object) -> Schema:
    return {"type": "integer", **more}


def array(items: Schema, **more: object) -> Schema:
    return {"type": "array", "items": items, **more}


def closed(required: dict[str, Schema], optional: dict[str, Schema]) -> Schema:
    """An object of these properties and no others."""
    return {
        "type": "object",
        "properties": required | optional,
        "required": sorted(required),
        "patternProperties": {},
        "additionalProperties": {"not": {}},
    }


def case(status: str, then: Schema) -> Schema:
    return {"if": {"properties": {"status": {"enum": [status]}}, "required": ["status"]}, "then": then, "else": True}


# --- Task 1: first schema -----------------------------------------------------

PERSON = {"$schema": DIALECT} | closed(
    required={"name": text(minLength=1, maxLength=50), "age": whole(minimum=0, maximum=150)},
    optional={"tags": array(text(), uniqueItems=True), "role": text(enum=["admin", "editor", "reader"])},
)
person_schema = partial(copy.deepcopy, PERSON)


# --- Task 2: valid ------------------------------------------------------------


@dataclass(frozen=True)
class Judge:
    """Check a schema, then an instance by it."""

    formats: Callable[[], FormatChecker | None]

    def __call__(self, schema: Any, instance: Any) -> bool:
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema, format_checker=self.formats())
        return next(validator.iter_errors(instance), None) is None


is_valid = Judge(formats=lambda: None)


# --- Task 3: all errors -------------------------------------------------------


class Problems:
    """Return (where, keyword) for EVERY error, sorted."""

    escapes = (("~", "~0"), ("/", "~1"))

    def __call__(self, schema: Any, instance: Any) -> list[tuple[str, str]]:
        Draft202012Validator.check_schema(schema)
        return sorted(map(self.told, Draft202012Validator(schema).iter_errors(instance)))

    def told(self, error: ValidationError) -> tuple[str, str]:
        steps = [reduce(lambda step, escape: step.replace(*escape), self.escapes, str(step)) for step in error.path]
        return "/".join(["", *steps]), str(error.validator)


problems = Problems()


# --- Task 4: formats ----------------------------------------------------------


class StrictFormats:
    """Return a NEW FormatChecker that also checks "date-time"."""

    def __call__(self) -> FormatChecker:
        checker = FormatChecker()
        checker.checkers = checker.checkers | {"date-time": (self.is_date_time, ValueError)}
        return checker

    @staticmethod
    def is_date_time(value: object) -> bool:
        if not isinstance(value, str):
            return True
        moment = datetime.fromisoformat(value)
        return (
            value[10:11] == "T" and isinstance(moment.utcoffset(), timedelta) and len(value) >= len("2024-01-01T00:00Z")
        )


strict_formats = StrictFormats()
is_valid_strict = Judge(formats=strict_formats)


# --- Task 5: say it once ------------------------------------------------------

POSTCODE = text(allOf=[{"pattern": "^[0-9][0-9][0-9][0-9][0-9]"}, {"maxLength": 5}])
ORDER = closed(
    required={
        "billing": {"$ref": "#/$defs/address"},
        "shipping": {"$ref": "#/properties/billing"},
        "items": array({"$ref": "#/$defs/item"}, minItems=1),
        "status": {"enum": ["new", "shipped"]},
    },
    optional={"tracking": text()},
) | {
    "$schema": DIALECT,
    "$defs": {
        "address": closed(required={"street": text(), "city": text()}, optional={"postcode": POSTCODE}),
        "item": closed(required={"sku": text(), "quantity": whole(minimum=1)}, optional={"note": text()}),
    },
    "allOf": [case("shipped", {"required": ["tracking"]}), case("new", {"maxProperties": 5})],
}
order_schema = partial(copy.deepcopy, ORDER)


# --- Task 6: main problem -----------------------------------------------------


class MainProblem:
    """Return the message of the most relevant error, None when valid."""

    def __call__(self, schema: Any, instance: Any) -> str | None:
        from jsonschema import exceptions

        Draft202012Validator.check_schema(schema)
        found = exceptions.best_match(Draft202012Validator(schema).iter_errors(instance), key=by_relevance())
        return None if found is None else operator.attrgetter("message")(found)


main_problem = MainProblem()


# --- Task 7: defaults ---------------------------------------------------------


class WithDefaults:
    """Return a deep copy of the instance in which missing properties have their schema's "default"."""

    def __call__(self, schema: Schema, instance: dict[str, Any]) -> dict[str, Any]:
        described = {name: sub for name, sub in schema.get("properties", {}).items() if not isinstance(sub, bool)}
        defaults = {name: sub["default"] for name, sub in described.items() if "default" in sub}
        merged = copy.deepcopy(defaults | instance)
        nested = ((name, sub) for name, sub in described.items() if isinstance(merged.get(name), dict))
        return merged | dict(starmap(lambda name, sub: (name, self(sub, merged[name])), nested))


with_defaults = WithDefaults()
