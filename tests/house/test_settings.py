"""Settings: each says what it means, and each is read by somebody."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from crowdcore.settings import Settings
from tests.house.law import pages

_KINDS = {"Path": Path, "str": str, "int": int, "bool": bool}


def breaches(field: dataclasses.Field, code: str) -> Iterator[str]:
    meaning = field.metadata.get("meaning", "")
    if len(meaning) < 15 or not meaning.endswith("."):
        yield "does not say in a sentence what it means"
    if field.type not in _KINDS:
        yield f"has a type the environment cannot give: {field.type}"
    elif not isinstance(field.default, _KINDS[field.type]):
        yield "has no default of its type"
    if not re.search(rf"\.{field.name}\b", code):
        yield "is read by nobody"


@pytest.mark.parametrize("field", dataclasses.fields(Settings), ids=lambda f: f.name)
def test_a_setting_means_something(field):
    code = "\n".join(page.text for page in pages() if page.is_kernel)
    assert list(breaches(field, code)) == []


@dataclasses.dataclass
class Sample:
    right: str = dataclasses.field(default="", metadata={"meaning": "Where the mails go."})
    silent: int = 3
    rich: dict = dataclasses.field(default=None, metadata={"meaning": "A table of everything."})


Sample.__dataclass_fields__["right"].type = "str"
Sample.__dataclass_fields__["silent"].type = "int"


@pytest.mark.parametrize(("name", "count"), [("right", 0), ("silent", 2), ("rich", 1)])
def test_the_law_notices(name, count):
    assert len(list(breaches(Sample.__dataclass_fields__[name], "chosen.right + chosen.rich"))) == count
