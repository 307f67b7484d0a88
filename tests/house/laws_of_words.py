"""Laws about words: what nothing is called, and what no file may give away."""

import re
from collections.abc import Iterator

from tests.house.law import ROOT, Law, Page

_VAGUE = {
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "misc",
    "tools",
    "stuff",
    "manager",
    "tenant",
    "tenants",
}
_TENANT = re.compile(r"\btenan(?:t|ts|cy)\b|_tenant|tenant_|\bMultiTenant", re.IGNORECASE)
_LATER = re.compile(r"\b(?:TODO|FIXME|HACK|WIP)\b|# ?XXX\b")
_HOSTS = [
    rf"{name}\.{end}" for name, end in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
]
_REGISTRY = re.compile(
    rf"\b(?:{'|'.join(_HOSTS)})\b|--?(?:extra-)?index-url|--find-links|\bregistry\s*=\s*[\"']?https?:"
)
_MACHINE = re.compile(rf"{re.escape(str(ROOT))}\b|(?<![\w.\-<>}}/])/(?:home|root|Users)/\w|[A-Z]:\\Users\\")


def _names(page: Page) -> Iterator[str]:
    for part in page.parts:
        stem = part.split(".")[0].lower()
        if _VAGUE & set(re.split(r"[_-]", stem)):
            yield f"'{part}' says nothing about what is in it"
        if not part.isascii():
            yield f"'{part}' has letters that not every system spells alike"


def _search(pattern: re.Pattern[str], sentence: str):
    def breaches(page: Page) -> Iterator[str]:
        for number, line in enumerate(page.lines, start=1):
            for found in pattern.finditer(line):
                yield f"line {number}: '{found[0]}': {sentence}"

    return breaches


def _addresses(page: Page) -> Iterator[str]:
    for number, line in enumerate(page.lines, start=1):
        if "://" in line or " @ " in line:
            yield f"line {number}: pins are versions, not addresses"


def _anything(page: Page) -> bool:
    return not page.is_of_house


def _ours(page: Page) -> bool:
    """Everything but a partner's content: in an energy exam, a tenant rents a flat."""
    return not page.is_of_house and (not page.path.startswith("plugins/") or page.path.endswith(".py"))


LAWS = (
    Law(
        says="no file is called utils, helpers, common or misc",
        binds=_anything,
        breaches=_names,
        good=(("crowdcore/jobs/rules.py", ""), ("docs/developers/tooling.md", "")),
        bad=(
            ("crowdcore/jobs/utils.py", ""),
            ("crowdcore/common/money.py", ""),
            ("tests/test_helpers.py", ""),
            ("docs/Prüfung.md", ""),
        ),
    ),
    Law(
        says="a partner is never called anything else",
        binds=_ours,
        breaches=_search(_TENANT, "say partner"),
        good=(("docs/a.md", "Maintenant, le partenaire.\n"),),
        bad=(
            ("docs/a.md", "One tenant each.\n"),
            ("crowdcore/a.py", "tenant_id = 1\n"),
            ("a.md", "multi-tenancy\n"),
        ),
    ),
    Law(
        says="nothing is left for later",
        binds=_anything,
        breaches=_search(_LATER, "do it or leave it"),
        good=(("crowdcore/a.py", "number = f'{prefix}-XXXX'\n"),),
        bad=(("crowdcore/a.py", "# TODO write this\n"), ("docs/a.md", "FIXME\n")),
    ),
    Law(
        says="no file names this machine",
        binds=_anything,
        breaches=_search(_MACHINE, "a path of one machine"),
        good=(("docs/a.md", "cd crowdcore; see /api/v1, themes/home/, https://x.ch/home/x and /homes\n"),),
        bad=(
            ("docs/a.md", f"cd {ROOT}/crowdcore\n"),
            ("a.sh", "cd /home/somebody/x\n"),
            ("a.md", "(/root/x)\n"),
        ),
    ),
    Law(
        says="no file names a package registry",
        binds=_anything,
        breaches=_search(_REGISTRY, "the installer's own configuration says where packages come from"),
        good=(("docs/a.md", "pip install crowdcore\nregistry = Registry()\n"),),
        bad=(
            ("a.md", "https://" + ".".join(("pypi", "org")) + "/simple\n"),
            ("Makefile", "pip install --extra-index-url x\n"),
        ),
    ),
    Law(
        says="constraints pin versions and nothing else",
        binds=lambda page: page.name in {"constraints.txt", "requirements.txt"},
        breaches=_addresses,
        good=(("constraints.txt", "ruff==0.17.6\n"),),
        bad=(("constraints.txt", "ruff @ file:x\n"), ("constraints.txt", "ruff==1  # from https://x\n")),
    ),
)
