"""Task 7: what you predict is held against what was measured, and a surprise is measured again before your eyes."""

import pytest

from .measure import LEVELS, lowest, measure, read_defects, recorded
from .plan import LEVEL

# --- Task 7: predict, then measure --------------------------------------------

DEFECTS = {defect.name: defect for defect in read_defects()}


@pytest.fixture(scope="module")
def surprises():
    """The wrong predictions so far."""
    return []


@pytest.fixture
def run(tmp_path):
    """Measure a defect; and afterwards hold the record against it, for a record that nobody checks is a rumour."""
    seen = {}

    def run(defect):
        seen[defect.name] = measure(defect, tmp_path)
        return seen[defect.name]

    yield run
    for name, reds in seen.items():
        sees = tuple(bool(reds[level]) for level in LEVELS)
        assert sees == recorded(name), f"{name}: the record says {recorded(name)}, and this run saw {sees}"


@pytest.mark.task(taskno=7)
@pytest.mark.parametrize("name", DEFECTS)
def test_the_lowest_level_that_sees(name, run, surprises):
    """A wrong prediction runs the slip at the three levels and shows what each of them saw."""
    defect, predicted = DEFECTS[name], LEVEL.get(name)
    asked = f"{defect}\n  predicted:   {predicted!r}"
    if predicted not in [*LEVELS]:
        pytest.fail(f"{asked}\n  expected:    one of {', '.join(map(repr, LEVELS))}")
    if predicted == lowest(recorded(name)):
        return
    surprises.append(name)
    if len(surprises) > 1:
        alone = f"pytest katas/levels -k {name}"
        pytest.fail(f"{asked}\n  actual:      not that one; measured after {surprises[0]} is right, or by\n    {alone}")
    reds = run(defect)
    seen = [f"  {f'{level}:':<12} {summary(names)}" for level, names in reds.items()]
    pytest.fail("\n".join([asked, *seen]))


def summary(names):
    """Say what a level saw, at 80 columns."""
    more = f"\n{15 * ' '}and {len(names) - 1} more" if names[1:] else ""
    return f"red, {names[0]}{more}" if names else "green"
