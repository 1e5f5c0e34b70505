"""What lies in the tree: the entries the customer fixed, no trace of one machine, and a true ARCHITECTURE.md."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT, files

TOP_LEVEL = frozenset(
    {
        *("urs_desktop", "resources", "tests", "pyproject.toml", "build.spec"),
        *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"),
        *("dev.py", "requirements.lock", "requirements-dev.lock"),
    }
)

# Written so that they do not match themselves.
TRACES = {
    "a path of one machine": re.compile(r"/(?:[w]ork|[f]arm|[r]oot|[t]mp)/|/(?:[h]ome|[U]sers)/\w"),
    "the address of a package registry": re.compile(r"https?://[\w.-]*(?:pypi|pythonhosted|npmjs|debian)\.[a-z]+"),
}

# Quoted or after a colon, as style sheets and pictures name colours; an href="#part" is none.
HEX_COLOUR = re.compile(r"""(?<!href=)["':\s]#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8}|[0-9a-fA-F]{3,4})\b(?=["';\s)])""")
DRAWN = frozenset({".qss", ".svg"})

LISTED = re.compile(r"^- `([\w/]+)`", re.MULTILINE)


def texts() -> Iterator[tuple[Path, str]]:
    """Yield each file of the project that is text, with its text."""
    for path in files():
        try:
            yield path, (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def packages() -> set[str]:
    """Return the folders of the package that hold Python files, as ARCHITECTURE.md names them."""
    return {path.parent.as_posix() for path in files() if path.suffix == ".py" and path.parts[0] == PACKAGE} - {PACKAGE}


def listed_packages(page: str) -> list[str]:
    """Return the packages that the section `## Packages` of `page` lists."""
    section = re.search(r"^## Packages$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return LISTED.findall(section[1]) if section else []


def test_top_level_holds_what_the_customer_fixed() -> None:
    strangers = {path.parts[0] for path in files()} - TOP_LEVEL
    assert not {name for name in strangers if not name.startswith(".")}


def test_nothing_that_is_ignored_is_committed() -> None:
    command = ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"]
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no git here: the tree was unpacked, not cloned")
    committed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert not committed, f"{len(committed)} files that .gitignore names, the first of them {committed[:3]}"


@pytest.mark.parametrize("what", TRACES)
def test_no_file_names(what: str) -> None:
    found = [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for path, text in texts()
        for match in TRACES[what].finditer(text)
    ]
    assert not found, f"{what} in\n" + "\n".join(found)


@pytest.mark.parametrize("folder", ["work", "farm", "root", "tmp", "home/me", "Users/me"])
def test_a_machines_path_is_caught(folder: str) -> None:
    assert TRACES["a path of one machine"].search(f"see /{folder}/main")


@pytest.mark.parametrize("host", ["pypi", "files.pythonhosted", "registry.npmjs", "deb.debian"])
def test_a_registrys_address_is_caught(host: str) -> None:
    assert TRACES["the address of a package registry"].search(f"https://{host}.org/simple")


def test_style_sheets_and_icons_name_no_colour() -> None:
    found = [str(path) for path, text in texts() if path.suffix in DRAWN and HEX_COLOUR.search(text)]
    assert not found, f"colours stand in resources/theme/tokens.toml alone: {found}"


@pytest.mark.parametrize(
    ("text", "is_colour"),
    [
        ("QLabel { color: #1a2b3c; }", True),
        ('<path fill="#fff"/>', True),
        ('<path fill="currentColor"/>', False),
        ('<use href="#add"/>', False),
        ("#fade { color: {accent}; }", False),
    ],
)
def test_a_colour_is_told_from_a_name(text: str, *, is_colour: bool) -> None:
    assert bool(HEX_COLOUR.search(text)) is is_colour


def test_architecture_page_lists_exactly_the_packages() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    listed = listed_packages(page)
    assert sorted(listed) == sorted(packages()), (
        "ARCHITECTURE.md needs a section '## Packages' with one line for each package, as in\n"
        "- `urs_desktop/domain`: the rules of the programme\n"
        f"not listed: {sorted(packages() - set(listed))}\nlisted, but not there: {sorted(set(listed) - packages())}"
    )


def test_only_that_section_is_read() -> None:
    page = "# A\n- `urs_desktop/x`: no\n## Packages\nWords.\n\n- `urs_desktop/a/b`: yes\n\n## Next\n- `urs_desktop/y`\n"
    assert listed_packages(page) == ["urs_desktop/a/b"]
