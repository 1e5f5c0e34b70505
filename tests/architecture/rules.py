"""The rules of the code, each a function from one module to its faults; ARCHITECTURE.md says why they hold.

Must never look at anything but the module it is given, so that each rule can be tried on a planted fault.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from tests.architecture.source import PACKAGE, Module

MODULE_LINES = 400
FUNCTION_LINES = 60
CLASS_METHODS = 20

DOMAIN = f"{PACKAGE}/domain"
UI = f"{PACKAGE}/ui"
PRESENTERS = f"{UI}/presenters"
EXACT = (DOMAIN, f"{PACKAGE}/protocol", f"{PACKAGE}/counter/use_cases")
COMPOSITION_ROOTS = (f"{PACKAGE}/desktop.py", f"{PACKAGE}/central/bootstrap.py")

# A drawer is not a subject. The manager of a shop is one: its screens are a package of that name.
DRAWERS = frozenset({"util", "utils", "helper", "helpers", "misc", "common", "manager", "managers"})
SHOP_MANAGER = f"{UI}/manager"

# Of the standard library, what reads a clock, does I/O, logs, translates, draws lots or starts a thread.
NOT_FOR_THE_DOMAIN = frozenset(
    {
        *("asyncio", "gettext", "http", "io", "locale", "logging", "os", "pathlib", "queue", "random", "secrets"),
        *("shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib"),
    }
)

# Qt's virtual methods whose names are one word; the others give themselves away by camelCase.
QT_WORDS = frozenset({"data", "event", "flags", "index", "paint", "parent", "sort"})

TRANSLATORS = frozenset({"tr", "translate", "QT_TR_NOOP", "QT_TRANSLATE_NOOP"})

# Three or four digits are a colour only when they are the whole text: a receipt has a #123 too.
HEX_COLOUR = re.compile(r"(?<![\w&])#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6})\b|^#[0-9a-fA-F]{3,4}$")

Faults = Iterator[tuple[int, str]]
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def name_of(node: ast.expr) -> str:
    """Return the last part of a dotted name, or nothing for any other expression."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def calls(module: Module, *names: str) -> Iterator[ast.Call]:
    """Yield each call of a function or method with one of `names`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and name_of(node.func) in names:
            yield node


def module_length(module: Module) -> Faults:
    """A module has at most 400 lines, schema steps apart: they say in full what was once done."""
    if module.is_migration:
        return
    lines = len(module.text.splitlines())
    if lines > MODULE_LINES:
        yield 1, f"{lines} lines, more than {MODULE_LINES}"


def function_length(module: Module) -> Faults:
    """A function has at most 60 lines, schema steps apart."""
    if module.is_migration:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, FUNCTIONS) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {lines} lines, more than {FUNCTION_LINES}"


def class_size(module: Module) -> Faults:
    """A class has at most 20 methods."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            methods = sum(isinstance(member, FUNCTIONS) for member in node.body)
            if methods > CLASS_METHODS:
                yield node.lineno, f"{node.name} has {methods} methods, more than {CLASS_METHODS}"


def module_docstring(module: Module) -> Faults:
    """A module says why it exists."""
    if not ast.get_docstring(module.tree):
        yield 1, "no docstring that says why this module exists and what it must never do"


def public_docstrings(module: Module) -> Faults:
    """A public class, function or method says what it takes, gives and raises."""
    if module.is_shipped and not module.is_migration:
        for definition in public_definitions(module.tree):
            if not ast.get_docstring(definition) and not is_qts_own(definition, module):
                yield definition.lineno, f"{definition.name} is public and has no docstring"


def public_definitions(node: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    """Yield what a reader of a module may use: what is not inside a function and has no underscore in front.

    An override says in its base class what it does; the other halves of a property or an overload in the first.
    """
    told_elsewhere = {"override", "overload", "setter", "deleter"}
    for member in node.body:
        if isinstance(member, Definition) and not member.name.startswith("_"):
            if not told_elsewhere & {name_of(decorator) for decorator in member.decorator_list}:
                yield member
            if isinstance(member, ast.ClassDef):
                yield from public_definitions(member)


def is_qts_own(definition: Definition, module: Module) -> bool:
    """Whether this is one of Qt's virtual methods, which Qt documents."""
    if isinstance(definition, ast.ClassDef) or not module.is_under(UI) or module.is_under(PRESENTERS):
        return False
    return definition.name in QT_WORDS or re.fullmatch("[a-z]+[A-Z][A-Za-z]*", definition.name) is not None


def no_floats(module: Module) -> Faults:
    """Money and points are integers: `float(` near them nowhere, in the domain no float of any kind."""
    if module.is_under(*EXACT):
        for call in calls(module, "float"):
            yield call.lineno, "float( where amounts are exact"
    if module.is_under(DOMAIN):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                yield node.lineno, f"the float {node.value} in the domain"
            if isinstance(node, ast.Name) and node.id == "float":
                yield node.lineno, "a float in the domain"


def no_deferred_imports(module: Module) -> Faults:
    """Imports stand on top of the module; the composition roots' and pyqtgraph's alone may wait."""
    if not module.is_shipped or module.path in COMPOSITION_ROOTS:
        return
    for function in ast.walk(module.tree):
        if isinstance(function, FUNCTIONS):
            for name, line in imports(function):
                if name.partition(".")[0] != "pyqtgraph":
                    yield line, f"{name} is imported inside {function.name}"


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield each module imported anywhere in `tree`, with the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ".", node.lineno


def pure_domain(module: Module) -> Faults:
    """The domain imports the standard library and itself, and of the former nothing that touches the world."""
    if not module.is_under(DOMAIN):
        return
    for name, line in imports(module.tree):
        top = name.partition(".")[0]
        if top in NOT_FOR_THE_DOMAIN:
            yield line, f"the domain reads no clock and does no I/O, and imports {name}"
        elif top not in sys.stdlib_module_names and not f"{name}.".startswith(f"{PACKAGE}.domain."):
            yield line, f"the domain is standard library only, and imports {name}"


def no_drawers(module: Module) -> Faults:
    """A module or package is named for its subject."""
    parts = PurePosixPath(module.path.replace(SHOP_MANAGER, UI, 1)).with_suffix("").parts
    for drawer in sorted(DRAWERS.intersection(parts)):
        yield 1, f"{drawer!r} names no subject"


def no_int_signals(module: Module) -> Faults:
    """Qt's `Signal(int)` is 32 bits and wraps: amounts travel as `Signal(object)`."""
    for call in calls(module, "Signal"):
        if any(name_of(argument) == "int" for argument in call.args):
            yield call.lineno, "Signal(int) wraps at 32 bits; use Signal(object)"


def no_waiting(module: Module) -> Faults:
    """Nothing sleeps and nothing turns the event loop by hand, in the code or in its tests."""
    for call in calls(module, "processEvents", "sleep"):
        yield call.lineno, f"{name_of(call.func)}( is a wait; use an event, a signal or qtbot.waitUntil"


def no_hex_colours(module: Module) -> Faults:
    """Colours have names; their values stand in resources/theme/tokens.toml alone."""
    if module.is_shipped:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and HEX_COLOUR.search(node.value):
                yield node.lineno, "a colour outside resources/theme/tokens.toml"


def literal_translations(module: Module) -> Faults:
    """A text to translate is a literal: anything put together is extracted broken."""
    for call in calls(module, *TRANSLATORS):
        for argument in call.args:
            if is_put_together(argument):
                yield argument.lineno, f"a text put together inside {name_of(call.func)}()"


def is_put_together(node: ast.expr) -> bool:
    """Whether this text is an f-string, a sum, a % or a .format()."""
    if isinstance(node, ast.BinOp):
        return any(isinstance(side, ast.Constant | ast.JoinedStr) for side in (node.left, node.right))
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Call) and name_of(node.func) == "format")


RULES: dict[str, Callable[[Module], Faults]] = {
    rule.__name__: rule
    for rule in (
        class_size,
        function_length,
        literal_translations,
        module_docstring,
        module_length,
        no_deferred_imports,
        no_drawers,
        no_floats,
        no_hex_colours,
        no_int_signals,
        no_waiting,
        public_docstrings,
        pure_domain,
    )
}
