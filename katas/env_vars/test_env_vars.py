"""Kata: environment variables. The README tells the story; these tests are the contract, task by task."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pprint import pformat
from types import MappingProxyType
from typing import Any

import pytest

from .settings import (
    ConfigError,
    Secret,
    Settings,
    child_environment,
    environment,
    load_settings,
    optional,
    parse_bool,
    parse_int,
    parse_list,
    required,
)

STARS = "********"

#: What must be set, and nothing else.
SECRET_KEY = "correct-horse-battery"
DATABASE_URL = "postgresql://ada:hunter2@db.example/shop"
LEAST = {"SECRET_KEY": SECRET_KEY, "DATABASE_URL": DATABASE_URL}

ARABIC_42 = "\u0664\u0662"


@pytest.fixture(autouse=True)
def surroundings():
    """Put os.environ back after each test, also after one that failed half-way or put another object in its place."""
    environ, before = os.environ, dict(os.environ)
    yield
    os.environ = environ  # noqa: B003
    for name in {*environ, *before} - {"PYTEST_CURRENT_TEST"}:  # that one is pytest's own
        if name not in before:
            del environ[name]
        elif environ.get(name) != before[name]:
            environ[name] = before[name]


# --- Three ways to ask the code under test, and one to look at os.environ -----


def assert_returns(expected: object, function: Callable[..., object], *arguments: object, **named: object) -> None:
    """Call the function; anything but the expected value fails with the call and both values."""
    __tracebackhide__ = True
    _compare(expected, partial(function, *arguments, **named), _call(function, arguments, named))


def assert_gives(expected: object, code: str, function: Callable[[], object]) -> None:
    """Call a function that does what the code says; anything but the expected value fails with the code and both."""
    __tracebackhide__ = True
    _compare(expected, function, code)


def assert_refused(
    names: list[str], function: Callable[..., object], *arguments: object, hidden: str = "", **named: object
) -> None:
    """Expect a ConfigError with one problem for each name, in this order, that does not tell the hidden value."""
    __tracebackhide__ = True
    call = _call(function, arguments, named)
    asked = f"{call}\n  expected: ConfigError, its problems naming {' / '.join(names) or 'the variable'}"
    try:
        actual = _ask(partial(function, *arguments, **named), asked)
    except ConfigError as error:
        problems, text = error.problems, f"{error} {error!r} {' '.join(error.problems)}"
    else:
        pytest.fail(f"{asked}\n  actual:   returned {_laid_out(actual, 21)}")
    if hidden and hidden.lower() in text.lower():
        pytest.fail(f"{call}\n  expected: the value is not in the message\n  problems: {_laid_out(problems)}")
    if len(problems) != len(names) or not all(name in problem for name, problem in zip(names, problems, strict=True)):
        pytest.fail(f"{asked}\n  actual:   ConfigError\n  problems: {_laid_out(problems)}")


def assert_variable(expected: str | None, name: str, when: str) -> None:
    """Look at one variable of os.environ; None: it is not set."""
    __tracebackhide__ = True
    actual = os.environ.get(name)
    if actual != expected:
        pytest.fail(f"{when}\n  os.environ.get({name!r})\n  expected: {expected!r}\n  actual:   {actual!r}")


def _compare(expected: object, function: Callable[[], object], call: str) -> None:
    __tracebackhide__ = True
    asked = f"{call}\n  expected: {_laid_out(expected)}"
    actual = _ask(function, asked)
    # True == 1 and 8000.0 == 8000, but they are not the same to everybody who reads them.
    same_type = isinstance(actual, type(expected)) and isinstance(actual, bool) == isinstance(expected, bool)
    if actual == expected and same_type:
        return
    types = f"expected {type(expected).__name__}, got {type(actual).__name__}"
    pytest.fail(f"{asked}\n  actual:   {_laid_out(actual)}" + ("" if same_type else f"\n  the type is wrong: {types}"))


def _ask(function: Callable[[], object], asked: str) -> Any:
    __tracebackhide__ = True
    try:
        return function()
    except Exception as error:
        what = "not written yet" if isinstance(error, NotImplementedError) else f"raised {type(error).__name__}"
        error.add_note(f"{asked}\n  actual:   {what}")
        raise


def _call(function: Callable[..., object], arguments: tuple[object, ...], named: dict[str, object]) -> str:
    name = getattr(function, "__name__", repr(function))
    shown = [*(("", value) for value in arguments), *((f"{key}=", value) for key, value in named.items())]
    line = f"{name}({', '.join(f'{key}{value!r}' for key, value in shown)})"
    if len(line) <= 78:
        return line
    return "\n    ".join([f"{name}(", *(f"{key}{_laid_out(value, 4 + len(key))}," for key, value in shown)]) + "\n)"


def _laid_out(value: object, indent: int = 12) -> str:
    text = repr(value) if isinstance(value, str) else pformat(value, width=78 - indent, sort_dicts=False)
    return text.replace("\n", "\n" + indent * " ")


# --- Task 1: missing or empty -------------------------------------------------


@pytest.mark.task(taskno=1)
def test_a_required_variable_is_returned():
    """The one that was asked for, and not its neighbour."""
    environ = {"HOST": "db.example", "HOSTNAME": "laptop", "NOTE": "two words"}
    assert_returns("db.example", required, environ, "HOST")
    assert_returns("two words", required, environ, "NOTE")


@pytest.mark.task(taskno=1)
def test_a_required_variable_may_say_anything():
    """To the environment these are texts like any other, and they are not empty."""
    for value in ("0", "false", "None"):
        assert_returns(value, required, {"RETRIES": value}, "RETRIES")


@pytest.mark.task(taskno=1)
def test_a_missing_required_variable_is_named():
    """A KeyError would name it too, but nobody can tell that one from a bug. And a name is all of its letters."""
    assert_refused(["API_KEY"], required, {}, "API_KEY")
    assert_refused(
        ["API_KEY"], required, {"API_KEY_OLD": "k", "MY_API_KEY": "k", "API": "k", "api_key": "k"}, "API_KEY"
    )


@pytest.mark.task(taskno=1)
def test_an_empty_required_variable_is_as_bad_as_a_missing_one():
    """`SMTP_PASSWORD=` in a file of settings: somebody has forgotten to fill it in."""
    for value in ("", " ", " \t "):
        assert_refused(["SMTP_PASSWORD"], required, {"SMTP_PASSWORD": value}, "SMTP_PASSWORD")


@pytest.mark.task(taskno=1)
def test_an_optional_variable_that_is_set_is_returned_as_it_is():
    """The default has no say then: `PREFIX=` means "no prefix". Whoever wants the default does not set it."""
    for value in ("/v2", "", "  ", " /v2 "):
        assert_returns(value, optional, {"PREFIX": value}, "PREFIX", "/v1")


@pytest.mark.task(taskno=1)
def test_an_optional_variable_that_is_missing_has_its_default():
    """Whatever the default is, and however similar other names are."""
    environ = {"PREFIX_OLD": "/v0", "prefix": "/v0"}
    assert_returns("/v1", optional, environ, "PREFIX", "/v1")
    assert_returns("", optional, environ, "PREFIX", "")


@pytest.mark.task(taskno=1)
def test_any_mapping_will_do():
    """os.environ is no dict; this one cannot even be changed."""
    environ = MappingProxyType({"HOST": "db.example"})
    assert_returns("db.example", required, environ, "HOST")
    assert_returns("db.example", optional, environ, "HOST", "localhost")
    assert_returns("5432", optional, environ, "PORT", "5432")


# --- Task 2: types ------------------------------------------------------------


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    ("expected", "words"),
    [
        pytest.param(True, ["true", "yes", "on", "1"], id="yes"),
        pytest.param(False, ["false", "no", "off", "0"], id="no"),
        pytest.param(True, ["TRUE", "Yes", "oN", " true", "1 ", "\tOn  "], id="yes-written-otherwise"),
        pytest.param(False, ["False", "NO", "oFF", " false", "0 ", "\tOff  "], id="no-written-otherwise"),
    ],
)
def test_words_become_booleans(expected, words):
    """bool("False") is True: every text but the empty one is true."""
    for word in words:
        assert_returns(expected, parse_bool, "DEBUG", word)


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(["", "  "], id="nothing"),
        pytest.param(["2", "-1", "00", "11", "1.0"], id="other-numbers"),
        pytest.param(["t", "n", "ye", "o", "trueish", "nope", "offf", "not true", "o n", "null"], id="other-words"),
    ],
)
def test_any_other_word_is_refused(texts):
    """Neither True nor False: DEBUG=treu is a mistake, and only somebody who hears of it can mend it."""
    for text in texts:
        assert_refused(["DEBUG"], parse_bool, "DEBUG", text)


@pytest.mark.task(taskno=2)
def test_digits_become_an_integer():
    """Both ends of the range belong to it. Blanks around are ignored."""
    for number in (7, 0, -5, -10, 90):
        assert_returns(number, parse_int, "LEVEL", f"{number}", minimum=-10, maximum=90)
        assert_returns(number, parse_int, "LEVEL", f"  {number}\t", minimum=-10, maximum=90)


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(["", "  ", "-", "twelve", "42px", "a42", "4 2"], id="no-number"),
        pytest.param(["42.0", "4e1", "4,2", "0x2a"], id="other-notations"),
        pytest.param(["4_2", ARABIC_42, "4\u00b2"], id="what-python-takes-for-digits"),
        pytest.param(["--5", "- 5", "5-", "4-2", "\u22125"], id="signs"),
    ],
)
def test_anything_but_ascii_digits_is_refused(texts):
    """int() is kinder than you think, and isdigit() knows digits that int() does not."""
    for text in texts:
        assert_refused(["RETRIES"], parse_int, "RETRIES", text, minimum=-1000, maximum=1000)


@pytest.mark.task(taskno=2)
def test_a_number_out_of_range_is_refused():
    """One less than the least, one more than the most."""
    for text in ("0", "65536", "-80", "100000"):
        assert_refused(["PORT"], parse_int, "PORT", text, minimum=1, maximum=65535)
    assert_refused(["LEVEL"], parse_int, "LEVEL", "-11", minimum=-10, maximum=90)


@pytest.mark.task(taskno=2)
def test_the_message_says_which_variable_and_not_which_value():
    """Somebody has pasted a password into the wrong line. It ends up in no log."""
    assert_refused(["VERBOSE"], parse_bool, "VERBOSE", "Swordfish", hidden="swordfish")
    assert_refused(["WORKERS"], parse_int, "WORKERS", "Swordfish", hidden="swordfish", minimum=1, maximum=64)
    assert_refused(["PIN_LENGTH"], parse_int, "PIN_LENGTH", "240817", hidden="240817", minimum=4, maximum=12)


@pytest.mark.task(taskno=2)
@pytest.mark.parametrize(
    ("items", "texts"),
    [
        pytest.param(["b", "a", "b"], ["b,a,b"], id="in-their-order"),
        pytest.param(["new york", "a;b", "c\nd"], ["new york,a;b,c\nd"], id="only-commas-separate"),
        pytest.param(["a.example"], ["a.example", " a.example\t", ",a.example,", " , a.example,, "], id="one"),
        pytest.param([], ["", "  ", ",", " , ,"], id="none"),
    ],
)
def test_text_becomes_a_list(items, texts):
    """Mind the empty text: split makes a list with one item of it, and that item is empty."""
    for text in texts:
        assert_returns(items, parse_list, text)


# --- Task 3: secrets ----------------------------------------------------------

TEXTS = ["hunter2", "x", "a text of more than eight letters", "\u00e9t\u00e9", ""]


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    ("code", "show"),
    [
        pytest.param("str(secret)", str, id="str"),
        pytest.param('f"{secret}"', lambda secret: f"{secret}", id="f-string"),
        pytest.param('"%s" % secret', lambda secret: "%s" % secret, id="percent"),  # noqa: UP031
        pytest.param(
            'logging.info("%s", secret)',
            lambda secret: logging.makeLogRecord({"msg": "%s", "args": (secret,)}).getMessage(),
            id="log",
        ),
    ],
)
def test_a_secret_shows_eight_stars(code, show):
    """Eight for every secret, so that not even its length is told."""
    for text in TEXTS:
        assert_gives(STARS, f"secret = Secret({text!r}); {code}", lambda text=text: show(Secret(text)))


@pytest.mark.task(taskno=3)
@pytest.mark.parametrize(
    ("code", "show"),
    [
        pytest.param("repr(secret)", repr, id="repr"),
        pytest.param("str({'key': [secret]})", lambda secret: str({"key": [secret]}), id="in-a-container"),
        pytest.param("f'{secret:>20}'", lambda secret: f"{secret:>20}", id="with-a-width"),
        pytest.param("json.dumps(secret, default=str)", lambda secret: json.dumps(secret, default=str), id="json"),
    ],
)
def test_a_secret_does_not_slip_out(code, show):
    """Quotes around the stars, or blanks beside them, are up to you."""
    secret = "secret = Secret('hunter2')"
    assert_gives(False, f"{secret}\n'hunter2' in {code}", lambda: "hunter2" in show(Secret("hunter2")))
    assert_gives(True, f"{secret}\n'{STARS}' in {code}", lambda: STARS in show(Secret("hunter2")))


@pytest.mark.task(taskno=3)
def test_a_secret_can_be_revealed():
    """Somebody needs it in the end. The call can be searched for, and stands out in a review."""
    for text in (*TEXTS, " blanks around ", STARS):
        assert_gives(text, f"Secret({text!r}).reveal()", lambda text=text: Secret(text).reveal())


@pytest.mark.task(taskno=3)
def test_secrets_with_the_same_text_are_equal():
    """Then their hashes are, too: a set has one of them."""
    for text in TEXTS:
        secret, same = f"Secret({text!r})", "".join(list(text))
        assert_gives(True, f"{secret} == {secret}", lambda one=text, two=same: Secret(one) == Secret(two))
        assert_gives(False, f"{secret} != {secret}", lambda one=text, two=same: Secret(one) != Secret(two))
        assert_gives(1, f"len({{{secret}, {secret}}})", lambda one=text, two=same: len({Secret(one), Secret(two)}))


@pytest.mark.task(taskno=3)
def test_secrets_with_different_texts_are_not_equal():
    """Though they look the same."""
    for other in ("hunter3", "hunter", "hunter22", "Hunter2", " hunter2", "\u00e9", ""):
        code = f"Secret('hunter2') == Secret({other!r})"
        assert_gives(False, code, lambda other=other: Secret("hunter2") == Secret(other))


@pytest.mark.task(taskno=3)
def test_a_secret_equals_nothing_but_a_secret():
    """Not its text, not its stars. The answer is False, and never an exception."""
    for other in ("hunter2", STARS, None, 42):
        assert_gives(False, f"Secret('hunter2') == {other!r}", lambda other=other: Secret("hunter2") == other)
        assert_gives(False, f"{other!r} == Secret('hunter2')", lambda other=other: other == Secret("hunter2"))


# --- Task 4: load -------------------------------------------------------------


def loaded(environ: dict[str, str] | None = None) -> dict[str, object]:
    """Load settings, and lay them out as a dict that can be compared, with the secrets revealed."""
    __tracebackhide__ = True
    settings = load_settings() if environ is None else load_settings(environ)
    if not isinstance(settings, Settings):
        pytest.fail(f"load_settings({_laid_out(environ, 15)})\n  expected: Settings\n  actual:   {settings!r}")
    for name in ("secret_key", "database_url"):
        if not isinstance(value := getattr(settings, name), Secret):
            pytest.fail(f"load_settings({_laid_out(environ, 15)}).{name}\n  expected: a Secret\n  actual:   {value!r}")
    shown = {name: getattr(settings, name) for name in ("port", "debug", "allowed_hosts")}
    return {"secret_key": settings.secret_key.reveal(), "database_url": settings.database_url.reveal()} | shown


def assert_loads(environ: dict[str, str], **expected: object) -> None:
    """Expect these settings, and for the others what LEAST and the defaults say; types are compared, too."""
    __tracebackhide__ = True
    defaults = {"secret_key": SECRET_KEY, "database_url": DATABASE_URL, "port": 8000, "debug": False}
    call = _call(load_settings, (environ,), {})
    actual = _ask(lambda: loaded(environ), call)
    for name, value in (defaults | {"allowed_hosts": []} | expected).items():
        _compare(value, lambda name=name: actual[name], f"{call}.{name}")


def use_environ(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    """Make these the only settings in the real os.environ, until the test is over."""
    for name in ("SECRET_KEY", "DATABASE_URL", "PORT", "DEBUG", "ALLOWED_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)


@pytest.mark.task(taskno=4)
def test_what_is_not_set_has_its_default():
    """Two variables must be there. Others are none of ours, however similar their names."""
    assert_loads(LEAST)
    assert_loads(LEAST | {"port": "1", "APP_DEBUG": "1", "DEBUGGER": "1", "ALLOWED_HOSTS_OLD": "a.example"})


@pytest.mark.task(taskno=4)
def test_what_is_set_is_loaded_in_its_type():
    """Text came in; an int, a bool and a list come out."""
    environ = LEAST | {"PORT": " 5000 ", "DEBUG": "Yes", "ALLOWED_HOSTS": "a.example, b.example"}
    assert_loads(environ, port=5000, debug=True, allowed_hosts=["a.example", "b.example"])
    assert_loads(LEAST | {"DEBUG": "False", "ALLOWED_HOSTS": ""}, debug=False, allowed_hosts=[])


@pytest.mark.task(taskno=4)
def test_settings_do_not_show_their_secrets():
    """Somebody prints them, sooner or later. And a database URL has a password in it."""
    settings = load_settings(LEAST)
    for text in (repr(settings), str(settings), f"{settings}"):
        assert "horse" not in text, f"repr(settings) shows the key\n  actual: {text}"
        assert "hunter2" not in text, f"repr(settings) shows the password\n  actual: {text}"


@pytest.mark.task(taskno=4)
def test_a_port_has_sixteen_bits():
    """The first one and the last one are ports."""
    assert_loads(LEAST | {"PORT": "1"}, port=1)
    assert_loads(LEAST | {"PORT": "65535"}, port=65535)


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("SECRET_KEY", ["", "  "]),
        ("DATABASE_URL", ["", "  "]),
        ("PORT", ["0", "65536", "eighty", ""]),
        ("DEBUG", ["maybe", ""]),
    ],
    ids=["secret_key", "database_url", "port", "debug"],
)
def test_one_variable_that_is_wrong_is_one_problem(name, values):
    """An empty PORT is set, and it is no number: whoever wants the default does not set it."""
    for value in values:
        assert_refused([name], load_settings, LEAST | {name: value})


@pytest.mark.task(taskno=4)
@pytest.mark.parametrize(
    ("names", "environ"),
    [
        pytest.param(["SECRET_KEY", "DATABASE_URL"], {}, id="nothing-is-set"),
        pytest.param(["DATABASE_URL", "DEBUG"], {"DEBUG": "maybe", "SECRET_KEY": SECRET_KEY}, id="two-of-four"),
        pytest.param(
            ["SECRET_KEY", "DATABASE_URL", "PORT", "DEBUG"],
            {"DEBUG": "maybe", "PORT": "eighty", "DATABASE_URL": "", "SECRET_KEY": " "},
            id="all-of-them",
        ),
    ],
)
def test_all_problems_are_told_at_once(names, environ):
    """In the order of the fields, not in that of the environment. Else each deploy finds one more."""
    assert_refused(names, load_settings, environ)


@pytest.mark.task(taskno=4)
def test_no_value_is_in_the_message():
    """Neither the one that is wrong, nor a good one beside it."""
    assert_refused(["DEBUG"], load_settings, LEAST | {"DEBUG": "Swordfish"}, hidden="swordfish")
    environ = LEAST | {"PORT": "swordfish"}
    assert_refused(["PORT"], load_settings, environ, hidden="swordfish")
    assert_refused(["PORT"], load_settings, environ, hidden="battery")
    assert_refused(["PORT"], load_settings, environ, hidden="hunter2")


@pytest.mark.task(taskno=4)
def test_the_default_is_the_environment_at_the_time_of_the_call(monkeypatch):
    """Not as it was when the module was imported, or when somebody called it before."""
    for port in (5001, 5002):
        use_environ(monkeypatch, LEAST | {"PORT": str(port)})
        assert_gives(port, f"os.environ['PORT'] = '{port}'; load_settings().port", lambda: loaded()["port"])
    use_environ(monkeypatch, {"SECRET_KEY": SECRET_KEY})
    assert_refused(["DATABASE_URL"], load_settings)


@pytest.mark.task(taskno=4)
def test_an_empty_mapping_is_an_environment(monkeypatch):
    """Somebody says: there is nothing. os.environ has been asked for by nobody."""
    use_environ(monkeypatch, LEAST)
    assert_refused(["SECRET_KEY", "DATABASE_URL"], load_settings, {})


# --- Task 5: for a moment -----------------------------------------------------


@pytest.mark.task(taskno=5)
def test_a_variable_is_set_inside_the_block_and_gone_after_it():
    """It was missing before; empty would be something else."""
    with environment(KATA_COLOUR="red"):
        assert_variable("red", "KATA_COLOUR", "inside: with environment(KATA_COLOUR='red')")
    assert_variable(None, "KATA_COLOUR", "after: with environment(KATA_COLOUR='red')")


@pytest.mark.task(taskno=5)
def test_several_variables_change_at_once():
    """One is new, one is changed, one is taken away, and one is left alone."""
    before = {"KATA_COLOUR": "blue", "KATA_SHAPE": "round", "KATA_SIZE": "10"}
    os.environ.update(before)
    code = "with environment(KATA_COLOUR='red', KATA_SHAPE=None, KATA_TASTE='sweet')"
    with environment(KATA_COLOUR="red", KATA_SHAPE=None, KATA_TASTE="sweet"):
        inside = {"KATA_COLOUR": "red", "KATA_SHAPE": None, "KATA_TASTE": "sweet", "KATA_SIZE": "10"}
        for name, value in inside.items():
            assert_variable(value, name, f"inside: {code}")
    for name, value in (before | {"KATA_TASTE": None}).items():
        assert_variable(value, name, f"after: {code}")


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("before", ["blue", "", None], ids=["set", "empty", "missing"])
def test_what_was_there_before_is_there_again(before):
    """Empty and missing are two states, before and inside. Unsetting what is not set is no mistake."""
    if before is not None:
        os.environ["KATA_COLOUR"] = before
    for change in ("red", "", None):
        code = f"with environment(KATA_COLOUR={change!r}), where it was {before!r}"
        with environment(KATA_COLOUR=change):
            assert_variable(change, "KATA_COLOUR", f"inside: {code}")
        assert_variable(before, "KATA_COLOUR", f"after: {code}")


@pytest.mark.task(taskno=5)
@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt], ids=["an-error", "ctrl-c"])
def test_a_block_that_raises_leaves_nothing_behind(error):
    """And what it raised is not swallowed."""
    os.environ["KATA_COLOUR"] = "blue"
    code = f"with environment(KATA_COLOUR='red', KATA_SHAPE='round'): raise {error.__name__}"
    with pytest.raises(error), environment(KATA_COLOUR="red", KATA_SHAPE="round"):
        raise error
    assert_variable("blue", "KATA_COLOUR", f"after: {code}")
    assert_variable(None, "KATA_SHAPE", f"after: {code}")


@pytest.mark.task(taskno=5)
def test_a_block_may_change_the_variable_itself():
    """Also by taking it away, which nobody on the way out may stumble over."""
    os.environ["KATA_COLOUR"] = "blue"
    with environment(KATA_COLOUR="red", KATA_SHAPE="round"):
        os.environ["KATA_COLOUR"] = "green"
        del os.environ["KATA_SHAPE"]
    assert_variable("blue", "KATA_COLOUR", "after a block that set it to 'green'")
    assert_variable(None, "KATA_SHAPE", "after a block that deleted it")


@pytest.mark.task(taskno=5)
def test_blocks_can_be_nested():
    """Each puts back what the one around it had set."""
    with environment(KATA_COLOUR="red"):
        with environment(KATA_COLOUR="green"):
            assert_variable("green", "KATA_COLOUR", "inside the inner block")
        assert_variable("red", "KATA_COLOUR", "after the inner block, inside the outer one")
    assert_variable(None, "KATA_COLOUR", "after both")


@pytest.mark.task(taskno=5)
def test_nothing_changes_before_the_block_begins():
    """Calling the function makes a context manager. `with` starts it, and then is the time to remember."""
    os.environ["KATA_COLOUR"] = "blue"
    block = environment(KATA_COLOUR="red", KATA_SHAPE=None)
    assert_variable("blue", "KATA_COLOUR", "block = environment(KATA_COLOUR='red')")
    os.environ["KATA_COLOUR"] = "green"  # between the call and the block
    with block:
        assert_variable("red", "KATA_COLOUR", "inside: with block")
    assert_variable("green", "KATA_COLOUR", "after: with block, which began when it was 'green'")


#: Prints what a child sees of its environment: no file is read, no module of the project is there.
CHILD = "import json, os, sys; print(json.dumps([os.environ.get(name) for name in sys.argv[1:]]))"


def child_sees(*names: str, env: dict[str, str] | None = None) -> list[str | None]:
    """Start a process, and let it say which values it finds; without `env` it gets a copy of ours."""
    command = [sys.executable, "-I", "-S", "-c", CHILD, *names]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=True, timeout=60)
    return json.loads(done.stdout)


@pytest.mark.task(taskno=5)
def test_a_child_process_sees_the_change():
    """os.environ is changed, and not replaced: `os.environ = {...}` is a name in Python, and no environment."""
    os.environ["KATA_SHAPE"] = "round"
    code = "with environment(KATA_COLOUR='red', KATA_SHAPE=None): what a child sees"
    with environment(KATA_COLOUR="red", KATA_SHAPE=None):
        assert_gives(["red", None], code, lambda: child_sees("KATA_COLOUR", "KATA_SHAPE"))


# --- Task 6: child ------------------------------------------------------------

PARENT = {
    "PATH": "/usr/bin",
    "PATHEXT": ".EXE",
    "LANG": "",
    "SECRET_KEY": SECRET_KEY,
    "MY_PATH": "/opt",
    "path": "/home/ada",
}


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    ("expected", "allow"),
    [
        pytest.param({"PATH": "/usr/bin"}, ["PATH"], id="one"),
        pytest.param({"PATH": "/usr/bin", "LANG": ""}, ["LANG", "PATH"], id="one-of-them-empty"),
        pytest.param({"PATH": "/usr/bin"}, ["PATH", "TZ", "HOME"], id="some-do-not-exist"),
        pytest.param({}, [], id="none"),
    ],
)
def test_a_child_gets_what_is_allowed_and_exists(expected, allow):
    """Nothing else: a name that is only like an allowed one is not allowed. Any iterable of names will do."""
    assert_returns(expected, child_environment, PARENT, allow=allow, extra={})
    assert_returns(expected, child_environment, PARENT, allow=frozenset(allow), extra={})
    assert_returns(expected, child_environment, PARENT, allow=iter(allow), extra={})


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"A": "utc", "B": "", "C": "True"}, id="text"),
        pytest.param({"A": 8000, "B": 0, "C": -1}, id="integers"),
        pytest.param({"A": True, "B": False}, id="booleans"),
    ],
)
def test_extra_values_become_text(values):
    """Values are always text. A bool is an int in Python, and str(True) is what few programs expect."""
    texts = {True: "1", False: "0"}
    expected = {name: texts[value] if isinstance(value, bool) else f"{value}" for name, value in values.items()}
    assert_returns(expected, child_environment, PARENT, allow=[], extra=values)


@pytest.mark.task(taskno=6)
def test_extra_wins_over_what_is_allowed():
    """What you say yourself counts more than what happens to be there."""
    expected = {"PATH": "/bin", "LANG": "", "TZ": "UTC"}
    assert_returns(expected, child_environment, PARENT, allow=["PATH", "LANG"], extra={"PATH": "/bin", "TZ": "UTC"})


@pytest.mark.task(taskno=6)
def test_none_leaves_a_variable_out():
    """Also one that is allowed; and one that is not there is left out easily."""
    extra = {"PATH": None, "SECRET_KEY": None, "TZ": None}
    assert_returns({"LANG": ""}, child_environment, PARENT, allow=["PATH", "LANG"], extra=extra)


@pytest.mark.task(taskno=6)
def test_names_of_upper_case_letters_digits_and_underscores_are_accepted():
    """A digit may stand anywhere but at the beginning."""
    for name in ("A", "PORT", "HTTP2_PORT", "_PRIVATE", "X_", "A__B9"):
        assert_returns({name: "x"}, child_environment, PARENT, allow=[], extra={name: "x"})


@pytest.mark.task(taskno=6)
@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["port", "Port", "PORt", "p"], id="lower-case"),
        pytest.param(["2ND", "9", ""], id="no-letter-first"),
        pytest.param(["MY-PORT", "MY.PORT", "A=B", "=", "A*", "MY PORT", " PORT", "PORT\n"], id="other-signs"),
        pytest.param(["\u00c9T\u00c9", "PORT\u0662"], id="beyond-ascii"),
    ],
)
def test_other_names_in_extra_are_refused(names):
    """Python would take most of them, few shells can set them. It is the whole name that counts."""
    for name in names:
        shown, extra = name.strip() if name.isascii() else "", {"TZ": "UTC", name: "Swordfish"}
        assert_refused([shown], child_environment, PARENT, allow=["PATH"], extra=extra, hidden="swordfish")
        assert_refused([shown], child_environment, PARENT, allow=["PATH"], extra={name: None})


@pytest.mark.task(taskno=6)
def test_parent_and_extra_are_left_alone():
    """The result is a new dict; the mappings belong to the caller."""
    parent, extra = dict(PARENT), {"PATH": None, "TZ": "UTC"}
    child_environment(parent, allow=["PATH", "LANG"], extra=extra)
    assert parent == PARENT
    assert extra == {"PATH": None, "TZ": "UTC"}
    child_environment(parent, allow=["PATH"], extra={})["PATH"] = "/changed"
    assert parent == PARENT


@pytest.mark.task(taskno=6)
def test_a_real_child_gets_no_more_than_that():
    """The operating system takes your dict, and the secret stays at home."""
    parent = os.environ | LEAST
    allow = ["PATH", "SYSTEMROOT", "LD_LIBRARY_PATH"]
    extra = {"PORT": 8000, "DEBUG": False, "DATABASE_URL": None}
    code = f"what a child sees with child_environment(os.environ, allow={allow},\n    extra={extra})"
    names = ["SECRET_KEY", "DATABASE_URL", "PORT", "DEBUG"]
    assert_gives(
        [None, None, "8000", "0"],
        code,
        lambda: child_sees(*names, env=child_environment(parent, allow=allow, extra=extra)),
    )
