"""Which level sees which slip: the tests of tasks 1 to 5, run on the neighbours' service with one slip in it.

The record says what each level saw, so that right predictions cost no time. It is sealed, or one would read it by
accident. An author who changes a slip or a test writes it anew: ``python katas/levels/measure.py``.
"""

import difflib
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

HERE = Path(__file__).parent
RIGHT = HERE / "neighbour" / "shortlinks.py"
RECORD = HERE / "measured.json"

#: The levels, the lowest first, and the tests of each.
LEVELS = {
    "unit": "test_levels_unit.py",
    "integration": "test_levels_integration.py",
    "end-to-end": "test_levels_end_to_end.py",
}
HELPERS = ("asking.py", "audit.py", "conftest.py", "doubles.py", "process.py")
INI = """\
[pytest]
addopts = --import-mode=importlib -p no:cacheprovider -q --tb=no
markers =
    task(taskno, guard=False): as in the kata
"""

#: For each level, lowest first, whether a test of it is red.
Sees = tuple[bool, ...]


@dataclass(frozen=True)
class Defect:
    """One slip, as one replacement in the right service."""

    name: str
    why: str
    find: str
    replace: str

    def __str__(self) -> str:
        right, wrong = (text.splitlines() for text in (RIGHT.read_text(encoding="utf-8"), self.source()))
        changes = [line for line in difflib.ndiff(right, wrong) if line[0] in "-+"]
        return "\n".join([self.why, *(f"    {line[0]} {line[2:].strip()}" for line in changes)])

    def source(self) -> str:
        """Return the service with this slip in it."""
        source = RIGHT.read_text(encoding="utf-8")
        if source.count(self.find) != 1:
            raise ValueError(f"{self.name}: {self.find!r} is not there once in {RIGHT.name}")
        return source.replace(self.find, self.replace)


def read_defects() -> list[Defect]:
    """Read defects.toml."""
    with (HERE / "defects.toml").open("rb") as file:
        return [Defect(**entry) for entry in tomllib.load(file)["defect"]]


def measure(defect: Defect, folder: Path) -> dict[str, list[str]]:
    """Run the tests of the three levels on a service with this slip; return the names of the red ones by level.

    :param folder: where everything that is written goes.
    """
    desk = folder / "levels"
    desk.mkdir()
    for name in (*LEVELS.values(), *HELPERS):
        shutil.copy(HERE / name, desk)
    (desk / "shortlinks.py").write_text(defect.source(), encoding="utf-8")
    (folder / "pytest.ini").write_text(INI, encoding="utf-8")
    report = folder / "report.xml"
    # The run above us is none of its business, nor are that one's plugins.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    subprocess.run(
        [
            *[sys.executable, "-m", "pytest", f"-c{folder / 'pytest.ini'}", f"--basetemp={folder / 'tmp'}"],
            *[f"--junitxml={report}", str(desk)],
        ],
        env=environment | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    reds: dict[str, dict[str, None]] = {level: {} for level in LEVELS}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest has just written it
        level = next(level for level, file in LEVELS.items() if Path(file).stem in case.attrib["classname"])
        if case.find("failure") is not None or case.find("error") is not None:
            reds[level][case.attrib["name"].partition("[")[0]] = None
    return {level: [*names] for level, names in reds.items()}


def recorded(name: str) -> Sees:
    """Return what the record says of a defect."""
    seal = json.loads(RECORD.read_text(encoding="utf-8")).get(name)
    for sees in itertools.product((False, True), repeat=len(LEVELS)):
        if sealed(name, sees) == seal:
            return sees
    raise ValueError(f"{RECORD.name} does not know {name}; write it anew with `python {Path(__file__).name}`")


def sealed(name: str, sees: Sees) -> str:
    """Write down what was seen so that nobody reads it in passing. There are eight possibilities: no secret at all."""
    return hashlib.sha256(f"{name} {sees}".encode()).hexdigest()[:16]


def lowest(sees: Sees) -> str:
    """Return the lowest level that sees it."""
    return [*LEVELS][sees.index(True)]


def main() -> None:
    """Measure all the defects, print the table, write the record."""
    record = {}
    for defect in read_defects():
        with tempfile.TemporaryDirectory() as folder:
            reds = measure(defect, Path(folder))
        record[defect.name] = sealed(defect.name, tuple(bool(reds[level]) for level in LEVELS))
        print(defect.name, *(f"{level}: {len(reds[level])} red" for level in LEVELS), sep="\t")  # noqa: T201
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
