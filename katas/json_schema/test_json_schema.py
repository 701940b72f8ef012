"""Kata: JSON Schema. The README tells the story; these tests are the contract, task by task."""

import copy
import json
from collections.abc import Callable, Iterator
from functools import partial
from pprint import pformat
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, best_match
from referencing.exceptions import Unresolvable

from .schemas import (
    is_valid,
    is_valid_strict,
    main_problem,
    order_schema,
    person_schema,
    problems,
    strict_formats,
    with_defaults,
)


@pytest.fixture(autouse=True)
def format_checkers():
    """Put the formats that all validators share back, should a solution have changed them."""
    shared = (FormatChecker.checkers, Draft202012Validator.FORMAT_CHECKER.checkers)
    before = [dict(checkers) for checkers in shared]
    yield
    for checkers, formats in zip(shared, before, strict=True):
        checkers.clear()
        checkers.update(formats)


# --- Two ways to ask the code under test, and two to judge a schema -----------


def assert_returns(expected: object, function: Callable[..., object], *arguments: object) -> None:
    """Call the function; anything but the expected value fails with the call and both values."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments)}\n  expected: {_laid_out(expected)}"
    actual = _ask(partial(function, *arguments), asked)
    # True == 1, but they are not the same to everybody who reads them.
    same_type = isinstance(actual, type(expected)) and isinstance(actual, bool) == isinstance(expected, bool)
    if actual == expected and same_type:
        return
    types = f"expected {type(expected).__name__}, got {type(actual).__name__}"
    pytest.fail(f"{asked}\n  actual:   {_laid_out(actual)}" + ("" if same_type else f"\n  the type is wrong: {types}"))


def assert_raises(error: type[Exception], function: Callable[..., object], *arguments: object) -> None:
    """Call the function; anything but this kind of exception fails with the call and what came instead."""
    __tracebackhide__ = True
    asked = f"{_call(function, arguments)}\n  expected: raises {error.__name__}"
    try:
        actual = _ask(partial(function, *arguments), asked)
    except error:
        return
    pytest.fail(f"{asked}\n  actual:   returned {_laid_out(actual, 21)}")


def assert_accepts(function: Callable[[], Any], *instances: object) -> None:
    """Judge instances by the schema that a function returns, with the library: each must be valid."""
    __tracebackhide__ = True
    validator = validator_of(function)
    for instance in instances:
        if errors := sorted(f"{_pointer(error.path)}: {error.message}" for error in validator.iter_errors(instance)):
            told = "\n            ".join(error[:200] for error in errors)
            pytest.fail(f"{_judged(function, instance)}\n  expected: valid\n  actual:   {told}")


def assert_rejects(function: Callable[[], Any], *instances: object) -> None:
    """Judge instances by the schema that a function returns, with the library: none may be valid."""
    __tracebackhide__ = True
    validator = validator_of(function)
    for instance in instances:
        if validator.is_valid(instance):
            pytest.fail(f"{_judged(function, instance)}\n  expected: not valid\n  actual:   valid")


def validator_of(function: Callable[[], Any]) -> Draft202012Validator:
    """Return a validator for the schema that a function returns, if it is one."""
    __tracebackhide__ = True
    asked = f"{_call(function, ())}\n  expected: a JSON Schema of draft 2020-12"
    schema = _ask(function, asked)
    wrong = ""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        wrong = f"{asked}\n  wrong at: {_pointer(error.path)}\n  actual:   {error.message}"
    if wrong:  # out here, without the library's own traceback
        pytest.fail(wrong)
    return Draft202012Validator(schema)


def everything_in(value: Any) -> Iterator[tuple[str, Any]]:
    """Walk through a JSON document; yield each key with its value, at any depth."""
    entries = list(value.items()) if isinstance(value, dict) else []
    yield from entries
    inner = value if isinstance(value, list) else [entry for _, entry in entries]
    for each in inner:
        yield from everything_in(each)


def _call(function: Callable[..., object], arguments: tuple[object, ...]) -> str:
    name = getattr(function, "__name__", repr(function))
    known = {id(SHOP): "SHOP", id(PAYMENT): "PAYMENT", id(SERVER): "SERVER"}  # they stand below
    line = f"{name}({', '.join(known.get(id(argument)) or repr(argument) for argument in arguments)})"
    if len(line) <= 78:
        return line
    shown = (known.get(id(argument)) or _laid_out(argument, 4) for argument in arguments)
    return "\n    ".join([f"{name}(", *(f"{argument}," for argument in shown)]) + "\n)"


def _judged(function: Callable[..., object], instance: object) -> str:
    return f"{_call(function, ())} judges\n  instance: {_laid_out(instance)}"


def _laid_out(value: object, indent: int = 12) -> str:
    text = repr(value) if isinstance(value, str) else pformat(value, width=78 - indent, sort_dicts=False)
    return text.replace("\n", "\n" + indent * " ")


def _pointer(path: Any) -> str:
    return "".join(f"/{part}" for part in path) or "the whole"


def _ask(function: Callable[[], object], asked: str) -> Any:
    __tracebackhide__ = True
    try:
        return function()
    except Exception as error:
        what = "not written yet" if isinstance(error, NotImplementedError) else f"raised {type(error).__name__}"
        error.add_note(f"{asked}\n  actual:   {what}")
        raise


# --- Task 1: first schema -----------------------------------------------------

PERSON = {"name": "Ada Lovelace", "age": 36}

#: Whatever is no object.
NO_OBJECTS = ["Ada Lovelace", "", [], ["name", "age"], [PERSON], 36, True, None]


def without(instance: dict[str, Any], name: str) -> dict[str, Any]:
    """Copy an object, but for one property."""
    return {key: value for key, value in instance.items() if key != name}


@pytest.mark.task(taskno=1)
def test_the_schema_says_which_dialect_it_is_written_in():
    """Draft 4 and 2020-12 read the same words differently."""
    validator = validator_of(person_schema)
    assert_returns("https://json-schema.org/draft/2020-12/schema", validator.schema.get, "$schema")


@pytest.mark.task(taskno=1)
def test_the_schema_is_json():
    """Somebody's JavaScript reads the same document: no tuples, no sets."""
    schema = validator_of(person_schema).schema
    assert_returns(schema, json.loads, json.dumps(schema))


@pytest.mark.task(taskno=1)
def test_a_person_is_accepted():
    """With what is required, and with all there is."""
    assert_accepts(person_schema, PERSON, PERSON | {"tags": ["maths"], "role": "admin"})


@pytest.mark.task(taskno=1)
@pytest.mark.parametrize("name", ["name", "age"])
def test_name_and_age_are_required(name):
    """A property that is described is not yet required; and null is there, but no value of these."""
    assert_rejects(person_schema, without(PERSON, name), {}, PERSON | {name: None})


@pytest.mark.task(taskno=1)
def test_a_name_has_one_to_fifty_characters():
    """Characters, not bytes. And `minimum` says nothing about text."""
    assert_accepts(person_schema, *(PERSON | {"name": name} for name in ("A", "n" * 50, "\u00e9" * 50)))
    assert_rejects(person_schema, *(PERSON | {"name": name} for name in ("", "n" * 51, 7, ["Ada"], {}, True)))


@pytest.mark.task(taskno=1)
def test_an_age_is_a_whole_number_from_0_to_150():
    """36.0 is a whole number to JSON Schema, which looks at the value. And `minLength` says nothing about numbers."""
    assert_accepts(person_schema, *(PERSON | {"age": age} for age in (0, 1, 150, 36.0)))
    assert_rejects(person_schema, *(PERSON | {"age": age} for age in (-1, 151, 36.5, "36", True, [36])))


@pytest.mark.task(taskno=1)
def test_tags_are_texts_and_each_is_there_once():
    """No tag at all will do, and so will two that differ in case."""
    assert_accepts(person_schema, *(PERSON | {"tags": tags} for tags in ([], ["a"], ["a", "b", "A"])))
    rejected = (["a", "a"], ["a", "b", "a"], [1], ["a", 1], ["a", "b", None], "a", {"a": "b"}, None)
    assert_rejects(person_schema, *(PERSON | {"tags": tags} for tags in rejected))


@pytest.mark.task(taskno=1)
def test_a_role_is_one_of_three():
    """The whole word, in lower case."""
    assert_accepts(person_schema, *(PERSON | {"role": role} for role in ("admin", "editor", "reader")))
    rejected = ("owner", "Admin", "admins", "read", "", "admin editor", ["admin"], 0, None)
    assert_rejects(person_schema, *(PERSON | {"role": role} for role in rejected))


@pytest.mark.task(taskno=1)
def test_nothing_else_is_allowed():
    """Everything that is not forbidden is allowed; so forbid it, and a typo is found."""
    assert_rejects(
        person_schema, *(PERSON | {name: "admin"} for name in ("rol", "Role", "roles", "email", "$schema", ""))
    )


@pytest.mark.task(taskno=1)
def test_a_person_is_an_object():
    """`properties` and `required` say nothing about values that are no objects."""
    assert_rejects(person_schema, *NO_OBJECTS)


# --- Task 2: valid ------------------------------------------------------------


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        pytest.param({"type": "integer", "minimum": 3}, [3, 4.0], [2, 3.5, "3", True, None], id="integer"),
        pytest.param({"enum": [1, "a", None]}, [1, 1.0, "a", None], [True, "A", "1", 0, []], id="enum"),
        pytest.param({"type": "object", "required": ["a"]}, [{"a": None}], [{}, {"A": 1}, "a", ["a"]], id="object"),
        pytest.param({"pattern": "^[a-c]"}, ["abc", "cx"], ["xabc", ""], id="pattern"),
    ],
)
def test_an_instance_is_valid_or_not(schema, valid, invalid):
    """The answer is True or False."""
    for instance in valid:
        assert_returns(True, is_valid, schema, instance)
    for instance in invalid:
        assert_returns(False, is_valid, schema, instance)


@pytest.mark.task(taskno=2)
def test_a_schema_may_be_true_or_false():
    """True accepts everything, False nothing. Both are whole schemas."""
    for instance in (1, None, {}):
        assert_returns(True, is_valid, True, instance)
        assert_returns(False, is_valid, False, instance)


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    ("schema", "instances"),
    [
        pytest.param(
            {"minimum": 5, "required": ["a"], "properties": {"b": False}}, ["text", [], None], id="other-types"
        ),
        pytest.param({"require": ["a"]}, [{}, {"b": 1}], id="a-typo"),
        pytest.param({"format": "email", "default": 1}, ["nobody", "@@"], id="annotations"),
    ],
)
def test_what_a_keyword_does_not_judge_is_valid(schema, instances):
    """JSON Schema lets pass whatever nobody has forbidden."""
    for instance in instances:
        assert_returns(True, is_valid, schema, instance)


@pytest.mark.task(taskno=2)
def test_a_schema_is_read_as_2020_12():
    """Draft 7 knows none of these, or ignores what stands beside a $ref."""
    for schema, valid, invalid in [
        ({"prefixItems": [{"type": "string"}], "items": {"type": "null"}}, ["a", None], [1]),
        ({"$defs": {"n": {"type": "integer"}}, "$ref": "#/$defs/n", "maximum": 9}, 9, 10),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1, "b": 1}, {"a": 1}),
    ]:
        assert_returns(True, is_valid, schema, valid)
        assert_returns(False, is_valid, schema, invalid)


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"type": "String"}, id="unknown-type"),
        pytest.param({"properties": {"b": {"type": "String"}}}, id="out-of-reach"),
        pytest.param({"properties": {"a": {"required": True}}, "items": [{}]}, id="an-old-draft"),
        pytest.param({"type": "string", "minimum": "1"}, id="and-not-valid-either"),
        pytest.param(["type", "string"], id="no-schema-at-all"),
    ],
)
def test_a_broken_schema_is_a_bug(schema):
    """It is ours, and not the caller's: False would be a lie, and True as well."""
    assert_raises(SchemaError, is_valid, schema, {"a": 1})


# --- Task 3: all errors -------------------------------------------------------

SHOP = {
    "type": "object",
    "required": ["customer", "items"],
    "properties": {
        "customer": {"type": "string", "minLength": 2},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["sku", "price"],
                "properties": {"price": {"type": "number", "minimum": 0, "multipleOf": 5}},
            },
        },
    },
    "additionalProperties": False,
}


@pytest.mark.task(taskno=3)
def test_a_valid_instance_has_no_problems():
    """Then the list is empty."""
    assert_returns([], problems, SHOP, {"customer": "Grace Hopper", "items": [{"sku": "A1", "price": 10}]})


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    ("instance", "expected"),
    [
        pytest.param(["a"], [("", "type")], id="the-whole-document"),
        pytest.param({"customer": 7, "items": []}, [("/customer", "type")], id="a-property"),
        pytest.param({"customer": "Ada", "items": [{"price": 5}]}, [("/items/0", "required")], id="an-item"),
        pytest.param(
            {"customer": "Ada", "items": [{"sku": "a", "price": 5}, {"sku": "b", "price": "5"}]},
            [("/items/1/price", "type")],
            id="a-property-of-an-item",
        ),
    ],
)
def test_a_problem_is_told_with_its_place(instance, expected):
    """The place is where the offending value is; what is missing is a problem of the object that lacks it."""
    assert_returns(expected, problems, SHOP, instance)


@pytest.mark.task(taskno=3)
def test_every_problem_is_told():
    """Two of the same kind in the same place are two; several on one value, too."""
    assert_returns([("", "required"), ("", "required")], problems, SHOP, {})
    expected = [("/items/0", "required"), ("/items/0/price", "minimum"), ("/items/0/price", "multipleOf")]
    assert_returns(expected, problems, SHOP, {"customer": "Ada", "items": [{"price": -7}]})
    same = [{"price": 5}, {"price": 5}]  # one message, two places
    expected = [("/items/0", "required"), ("/items/1", "required")]
    assert_returns(expected, problems, SHOP, {"customer": "Ada", "items": same})


@pytest.mark.task(taskno=3)
def test_problems_are_sorted():
    """By place and then by keyword, as texts are sorted: 10 before 2. The schema's own order does not matter."""
    schema = {"properties": {"b": {"type": "string"}, "a": {"pattern": "x", "maxLength": 1, "const": ""}}}
    expected = [("/a", "const"), ("/a", "maxLength"), ("/a", "pattern"), ("/b", "type")]
    assert_returns(expected, problems, schema, {"b": 1, "a": "aa"})
    expected = [("/10", "type"), ("/2", "type")]
    assert_returns(expected, problems, {"items": {"type": "null"}}, [None, None, 2, *[None] * 7, 10])


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    "places",
    [
        pytest.param({"a/b": "/a~1b", "m~n": "/m~0n", "//": "/~1~1", "~~": "/~0~0"}, id="slash-and-tilde"),
        pytest.param({"~1": "/~01", "/~": "/~1~0", "~0/": "/~00~1"}, id="both"),
        pytest.param({"": "/", "a b%\u00e9.0": "/a b%\u00e9.0", "0": "/0"}, id="other-keys-stay-as-they-are"),
    ],
)
def test_a_place_is_a_json_pointer(places):
    """Two signs are written otherwise in a key, and the order in which you replace them matters."""
    inner = {"properties": {"in": {"additionalProperties": {"items": {"type": "null"}}}}}
    for key, where in places.items():
        assert_returns([(where, "type")], problems, {"additionalProperties": {"type": "null"}}, {key: 1})
        assert_returns([(f"/in{where}/1", "type")], problems, inner, {"in": {key: [None, 1]}})


@pytest.mark.task(taskno=3)
def test_the_keyword_is_the_one_that_failed():
    """As the library's own errors say it: all of an allOf is told, an anyOf fails as a whole."""
    branches = [{"minimum": 5}, {"type": "string"}]
    assert_returns([("", "minimum"), ("", "type")], problems, {"allOf": branches}, 1)
    assert_returns([("", "anyOf")], problems, {"anyOf": branches}, 1)
    schema = {"$defs": {"text": {"type": "string"}}, "properties": {"a": {"$ref": "#/$defs/text"}}}
    assert_returns([("/a", "type")], problems, schema, {"a": 1})
    assert_returns([("/0", "type")], problems, {"prefixItems": [{"type": "string"}]}, [1])  # new in 2020-12


# --- Task 4: formats ----------------------------------------------------------

DATE_TIMES = [
    "2024-01-01T12:00:00Z",
    "2024-02-29T23:59:59Z",
    "1999-12-31T00:00:00+00:00",
    "2024-01-01T12:00:00+05:30",
    "2024-01-01T12:00:00-08:00",
    "2024-01-01T12:00:00.123Z",
    "2024-01-01T12:00:00.123456+02:00",
]
NO_DATE_TIMES = [
    pytest.param(["2024-01-01", "12:00:00Z", "2024", "12:00:00+02:00"], id="half-of-it"),
    pytest.param(["2024-01-01T12:00:00", "2024-01-01T12:00:00.123"], id="without-an-offset"),
    pytest.param(
        ["2024-02-30T12:00:00Z", "2024-13-01T12:00:00Z", "2024-01-01T25:00:00Z", "2024-01-01T12:00:00+25:00"],
        id="no-such-time",
    ),
    pytest.param(
        ["2024-01-01T12:00:00ZZ", " 2024-01-01T12:00:00Z", "2024-01-01T12:00:00Z\n", "yesterday", "", "Z"],
        id="more-or-less-than-that",
    ),
]


def conforms(value: object, format_: str) -> bool:
    """Ask a new checker of the learner's for one format."""
    return strict_formats().conforms(value, format_)


conforms.__name__ = "strict_formats().conforms"


@pytest.mark.task(taskno=4)
def test_a_date_time_conforms():
    """Date, time, and an offset or Z."""
    for text in DATE_TIMES:
        assert_returns(True, conforms, text, "date-time")


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize("texts", NO_DATE_TIMES)
def test_other_text_is_no_date_time(texts):
    """The checker says no; a ValueError would have to be caught by everybody who asks it."""
    for text in texts:
        assert_returns(False, conforms, text, "date-time")


@pytest.mark.task(taskno=4)
def test_a_format_is_about_text_only():
    """A number is no wrong date-time; whoever wants text says `type`."""
    for value in (42, 4.2, None, True, [], {}, ["yesterday"]):
        assert_returns(True, conforms, value, "date-time")


@pytest.mark.task(taskno=4)
def test_the_other_formats_are_checked_as_before():
    """All that a FormatChecker() knows, this one knows, too."""
    wrong = {"email": "nobody", "ipv4": "10.0.0.256", "date": "2024-02-30", "uuid": "1-2", "time": "noon"}
    for format_, text in wrong.items():
        assert_returns(False, conforms, text, format_)
    for format_, text in {"email": "ada@example.com", "ipv4": "10.0.0.1", "date": "2024-02-29", "colour": "?"}.items():
        assert_returns(True, conforms, text, format_)


@pytest.mark.task(taskno=4)
def test_other_checkers_stay_as_they_are():
    """A decorator that changes every validator in the process is a surprise for whoever wrote the others."""
    shared = {
        "FormatChecker()": lambda: FormatChecker().checkers,
        "FormatChecker.checkers": lambda: FormatChecker.checkers,
        "Draft202012Validator.FORMAT_CHECKER": lambda: Draft202012Validator.FORMAT_CHECKER.checkers,
    }
    before = {name: dict(look()) for name, look in shared.items()}
    checker = strict_formats()
    for name, look in shared.items():
        changed = sorted(key for key in look() if before[name].get(key) != look()[key])
        if changed:
            pytest.fail(f"strict_formats()\n  expected: {name} stays as it is\n  actual:   changed {changed}")
    if not isinstance(checker, FormatChecker):
        pytest.fail(f"strict_formats()\n  expected: a FormatChecker\n  actual:   {checker!r}")
    another = strict_formats()
    if checker is another or checker.checkers is another.checkers:
        pytest.fail("strict_formats()\n  expected: a new one each time\n  actual:   two calls share their formats")


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        pytest.param({"format": "date-time"}, [DATE_TIMES[0], DATE_TIMES[3], 42], ["2024-01-01", ""], id="date-time"),
        pytest.param({"format": "email"}, ["ada@example.com", None], ["nobody"], id="email"),
        pytest.param({"prefixItems": [{"format": "email"}]}, [["@"], "nobody"], [["nobody"]], id="as-2020-12-says"),
        pytest.param(
            {"properties": {"at": {"type": "string", "format": "date-time"}}, "required": ["at"]},
            [{"at": DATE_TIMES[1]}],
            [{"at": "yesterday"}, {"at": 42}, {}],
            id="in-an-object",
        ),
    ],
)
def test_a_format_is_an_assertion_if_you_say_so(schema, valid, invalid):
    """Beside all that the other keywords assert."""
    for instance in valid:
        assert_returns(True, is_valid_strict, schema, instance)
    for instance in invalid:
        assert_returns(False, is_valid_strict, schema, instance)


@pytest.mark.task(taskno=4)
def test_a_format_stays_an_annotation_elsewhere():
    """is_valid has not changed by what is_valid_strict does."""
    for schema, text in ({"format": "date-time"}, "yesterday"), ({"format": "email"}, "nobody"):
        assert_returns(False, is_valid_strict, schema, text)
        assert_returns(True, is_valid, schema, text)


# --- Task 5: say it once ------------------------------------------------------

ADDRESS = {"street": "12 St James's Square", "city": "London"}
ORDER = {"billing": ADDRESS, "shipping": ADDRESS, "items": [{"sku": "A1", "quantity": 1}], "status": "new"}
SHIPPED = ORDER | {"status": "shipped", "tracking": "JD01"}


def assert_rejects_addresses(*addresses: object) -> None:
    """Expect that none of these can be billed, and nothing be shipped there."""
    __tracebackhide__ = True
    assert_rejects(
        order_schema, *(ORDER | {which: address} for address in addresses for which in ("billing", "shipping"))
    )


@pytest.mark.task(taskno=5)
def test_an_order_is_accepted():
    """A new one and a shipped one; to two addresses, with two items, and the same item twice."""
    elsewhere = {"street": "1 Navy Yard", "city": "Arlington", "postcode": "22202"}
    items = [{"sku": "A1", "quantity": 2}, {"sku": "B2", "quantity": 1}, {"sku": "A1", "quantity": 2}]
    assert_accepts(order_schema, ORDER, SHIPPED, ORDER | {"shipping": elsewhere, "items": items})


@pytest.mark.task(taskno=5)
def test_four_properties_are_required():
    """Null is there, but it is no value of these."""
    names = ("billing", "shipping", "items", "status")
    assert_rejects(order_schema, *(without(ORDER, name) for name in names), *(ORDER | {name: None} for name in names))


@pytest.mark.task(taskno=5)
def test_an_order_is_an_object():
    """Like a person."""
    assert_rejects(order_schema, *NO_OBJECTS, [ORDER])


@pytest.mark.task(taskno=5)
def test_an_address_has_a_street_and_a_city():
    """Both are text, and nothing but the postcode may be there beside them."""
    lacking = [without(ADDRESS, "street"), without(ADDRESS, "city"), {}]
    no_text = [ADDRESS | {"street": 12}, ADDRESS | {"city": None}, ADDRESS | {"city": ["London"]}]
    surplus = [ADDRESS | {"country": "UK"}, ADDRESS | {"Postcode": "22202"}, ADDRESS | {"items": []}]
    assert_rejects_addresses(*lacking, *no_text, *surplus)


@pytest.mark.task(taskno=5)
def test_an_address_is_an_object():
    """The address, too, says so itself."""
    assert_rejects_addresses("London", "", [], [ADDRESS], 12, True)


@pytest.mark.task(taskno=5)
def test_a_postcode_has_five_digits_and_nothing_else():
    """A pattern is searched for anywhere in the text, and Python's $ matches before a final line break, too."""
    good = [ADDRESS | {"postcode": code} for code in ("22202", "00000")]
    assert_accepts(order_schema, *(ORDER | {"billing": address, "shipping": address} for address in good))
    rejected = ["", "2220", "222020", "A22202", "22202-1", "222O2", "22 02", "1234567890", 22202, None, ["22202"]]
    rejected += [" 22202", "22202 ", "22202\n", "\n22202", "2220\n", "22202\n22202"]
    assert_rejects_addresses(*(ADDRESS | {"postcode": code} for code in rejected))


@pytest.mark.task(taskno=5)
def test_patterns_are_not_only_for_python():
    """Whoever reads the schema in JavaScript has no \\A and no \\Z; there they are the letters A and Z."""
    patterns = [value for name, value in everything_in(validator_of(order_schema).schema) if name == "pattern"]
    for foreign in ("\\A", "\\Z"):
        for pattern in patterns:
            if foreign in str(pattern):
                pytest.fail(f"order_schema()\n  expected: no {foreign} in a pattern\n  actual:   {pattern}")


def loosened(schema: Any) -> Any:
    """Take out of a schema what it says of a whole object; what others may point to stays."""
    if not isinstance(schema, dict):
        return schema
    kept = {key: schema[key] for key in ("$anchor", "$defs", "$id", "properties") if key in schema}
    return kept | ({"allOf": [loosened(each) for each in schema["allOf"]]} if "allOf" in schema else {})


@pytest.mark.task(taskno=5)
def test_an_address_is_defined_once():
    """Take the rules out of its definition in $defs, and {} is an address in both places; all else is as before."""
    schema = validator_of(order_schema).schema
    no_address = ORDER | {"billing": {}, "shipping": {}}
    for name, definition in schema.get("$defs", {}).items():
        changed = Draft202012Validator(schema | {"$defs": schema["$defs"] | {name: loosened(definition)}})
        try:
            if changed.is_valid(no_address) and not any(map(changed.is_valid, ({}, no_address | {"items": []}))):
                break
        except Unresolvable:  # something else points to a rule that has been taken out
            continue
    else:
        refs = sorted(str(value) for name, value in everything_in(schema) if name == "$ref")
        pytest.fail(
            "order_schema()\n  expected: one definition under $defs, which billing and shipping both $ref"
            f"\n  actual:   {sorted(schema.get('$defs', {}))} under $defs, and the $refs {refs}"
        )


@pytest.mark.task(taskno=5)
def test_there_is_at_least_one_item():
    """An order of nothing is no order; and a list is a list."""
    assert_rejects(
        order_schema, *(ORDER | {"items": items} for items in ([], {}, "A1", {"sku": "A1", "quantity": 1}, 1))
    )


@pytest.mark.task(taskno=5)
def test_each_item_has_a_sku_and_a_quantity():
    """Not only the first one."""
    good = {"sku": "A1", "quantity": 1}
    bad = [without(good, "sku"), without(good, "quantity"), {}, good | {"sku": 1}, good | {"sku": None}]
    bad += ["A1", ["A1", 1], None, [good]]
    assert_rejects(order_schema, *(ORDER | {"items": [*first, item]} for item in bad for first in ([], [good])))


@pytest.mark.task(taskno=5)
def test_a_quantity_is_a_whole_number_of_at_least_one():
    """There is no upper end."""
    assert_accepts(order_schema, *(ORDER | {"items": [{"sku": "A1", "quantity": number}]} for number in (1, 2, 10**6)))
    rejected = (0, -1, 1.5, 0.5, "1", True, None, [1])
    assert_rejects(order_schema, *(ORDER | {"items": [{"sku": "A1", "quantity": number}]} for number in rejected))


@pytest.mark.task(taskno=5)
def test_a_status_is_new_or_shipped():
    """The whole word, in lower case; also where there is a tracking."""
    rejected = ("New", "news", "ship", "shipped ", "sent", "", 0, ["new"])
    assert_rejects(order_schema, *(order | {"status": status} for status in rejected for order in (ORDER, SHIPPED)))


@pytest.mark.task(taskno=5)
def test_a_shipped_order_can_be_tracked():
    """A new one need not."""
    rejected = [without(SHIPPED, "tracking"), SHIPPED | {"tracking": 1}, SHIPPED | {"tracking": None}]
    assert_rejects(order_schema, *rejected, without(SHIPPED, "tracking") | {"Tracking": "JD01"})
    assert_accepts(order_schema, SHIPPED | {"tracking": "JD02"})


# --- Task 6: main problem -----------------------------------------------------

PAYMENT = {
    "type": "object",
    "properties": {
        "method": {
            "anyOf": [
                {"type": "object", "required": ["iban"], "properties": {"iban": {"type": "string", "minLength": 15}}},
                {"type": "null"},
            ]
        },
        "amount": {"oneOf": [{"type": "integer", "minimum": 1}, {"const": "all"}]},
        "note": {"type": "string"},
    },
    "required": ["method"],
}


@pytest.mark.task(taskno=6)
def test_a_valid_instance_has_no_main_problem():
    """None, and not the empty text."""
    for instance in ({"method": None}, {"method": {"iban": "GB29NWBK60161331926819"}, "amount": "all"}):
        assert_returns(None, main_problem, PAYMENT, instance)


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    "instance",
    [
        pytest.param({}, id="one-problem"),
        pytest.param("text", id="of-the-whole"),
        pytest.param({"method": None, "note": 1, "amount": 0}, id="two-problems"),
        pytest.param({"note": ["deep"], "amount": {}}, id="the-higher-one"),
        pytest.param({"method": {"iban": 15}}, id="inside-anyOf"),
        pytest.param({"method": None, "amount": 0}, id="inside-oneOf"),
    ],
)
def test_the_most_relevant_message_is_told(instance):
    """It is the library that weighs the errors: one near the top, and in an anyOf or oneOf the inner reason."""
    for schema, value in ((PAYMENT, instance), ({"prefixItems": [PAYMENT]}, [instance])):
        expected = best_match(Draft202012Validator(schema).iter_errors(value)).message
        assert_returns(expected, main_problem, schema, value)


# --- Task 7: defaults ---------------------------------------------------------


def schema_of(**properties: object) -> dict[str, Any]:
    """Write a schema with these properties."""
    return {"type": "object", "properties": properties}


SERVER = schema_of(
    host={"type": "string", "default": "localhost"},
    port={"type": "integer", "default": 8000},
    name={"type": "string"},
    tls=schema_of(on={"default": True}, ciphers=schema_of(least={"default": 128})),
)


@pytest.mark.task(taskno=7)
def test_missing_properties_get_their_defaults():
    """Those that have one. What the schema does not know stays."""
    assert_returns({"host": "localhost", "port": 8000}, with_defaults, SERVER, {})
    expected = {"host": "db.example", "colour": "red", "port": 8000}
    assert_returns(expected, with_defaults, SERVER, {"host": "db.example", "colour": "red"})
    required = {"properties": {"a": {"properties": {"b": {"default": 1}}, "required": ["b"]}}}  # and without a type
    assert_returns({"a": {"b": 1}}, with_defaults, required, {"a": {}})


@pytest.mark.task(taskno=7)
def test_what_is_there_stays():
    """Also if it is empty, null or wrong: whether it is valid is another question."""
    schema = schema_of(port={"type": "integer", "default": 8000})
    for value in (None, False, 0, "", [], {}, "eighty"):
        assert_returns({"port": value}, with_defaults, schema, {"port": value})


@pytest.mark.task(taskno=7)
def test_a_default_may_be_empty():
    """Null and false are values, and a default is one if it is there."""
    for default in (None, False, 0, "", [], {}):
        assert_returns({"value": default}, with_defaults, schema_of(value={"default": default}), {})


@pytest.mark.task(taskno=7)
def test_nested_objects_that_are_there_are_filled_in():
    """At every depth; those that are missing stay missing, if they have no default of their own."""
    full = {"host": "localhost", "port": 8000}
    assert_returns(full | {"tls": {"on": True}}, with_defaults, SERVER, {"tls": {}})
    expected = full | {"tls": {"on": False, "ciphers": {"least": 128}}}
    assert_returns(expected, with_defaults, SERVER, {"tls": {"on": False, "ciphers": {}}})
    assert_returns({"a": {"b": 1}}, with_defaults, schema_of(a=schema_of(b={"default": 1}) | {"default": 7}), {"a": {}})


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize(
    ("schema", "instances"),
    [
        pytest.param({}, [{}, {"a": {}}], id="no-properties"),
        pytest.param(schema_of(a=True, b=False), [{}, {"a": {"b": []}}, {"b": {}}], id="true-and-false"),
        pytest.param(
            schema_of(a=schema_of(b={"default": 1})), [{"a": "b"}, {"a": ["b"]}, {"a": None}, {}], id="no-object-there"
        ),
    ],
)
def test_where_there_is_no_default_nothing_is_added(schema, instances):
    """A schema may be true or false, and an instance need not be valid."""
    for instance in instances:
        assert_returns(instance, with_defaults, schema, instance)


@pytest.mark.task(taskno=7)
def test_properties_may_have_the_names_of_keywords():
    """What stands under `properties` are names of the application."""
    assert_returns({}, with_defaults, schema_of(default={"type": "string"}), {})
    schema = schema_of(default={"default": 1}, properties={"default": 2}, type=schema_of(default={"default": 3}))
    assert_returns({"type": {"default": 3}, "default": 1, "properties": 2}, with_defaults, schema, {"type": {}})


@pytest.mark.task(taskno=7)
def test_instance_and_schema_stay_as_they_were():
    """Also when somebody changes the result afterwards, at any depth."""
    schema = schema_of(tags={"default": [["new"]]}, more={"default": {"a": {}}}, box=schema_of(b={"default": []}))
    instance = {"box": {"c": [{}]}, "kept": [[1]]}
    schema_before, instance_before = copy.deepcopy(schema), copy.deepcopy(instance)
    for nothing_to_do in ({}, {"properties": {}}, schema_of(box={})):
        with_defaults(nothing_to_do, instance)["box"]["c"].append("changed")
        assert_unchanged(f"changing with_defaults({nothing_to_do}, instance)", instance, instance_before, {}, {})
    result = with_defaults(schema, instance)
    assert_unchanged("with_defaults(schema, instance)", instance, instance_before, schema, schema_before)
    result["tags"][0].append("changed")
    result["more"]["a"]["b"] = "changed"
    result["box"]["b"].append("changed")
    result["box"]["c"][0]["d"] = "changed"
    result["kept"][0].append("changed")
    result["box"]["e"] = result["f"] = "changed"
    assert_unchanged("changing its result", instance, instance_before, schema, schema_before)


def assert_unchanged(
    what: str, instance: object, instance_before: object, schema: object, schema_before: object
) -> None:
    """Fail if one of the two is not as it was before."""
    __tracebackhide__ = True
    for name, now, before in (("instance", instance, instance_before), ("schema", schema, schema_before)):
        if now != before:
            pytest.fail(f"{what} changes the {name}\n  expected: {_laid_out(before)}\n  actual:   {_laid_out(now)}")
