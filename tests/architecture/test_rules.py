"""The rules of the code hold in every module; and each rule catches what it is there for."""

import pytest

from tests.architecture.rules import RULES, calls
from tests.architecture.source import PACKAGE, Module, modules

DOMAIN, UI, TILL = f"{PACKAGE}/domain/money.py", f"{PACKAGE}/ui/sell.py", f"{PACKAGE}/counter/ports.py"
DESKTOP = f"{PACKAGE}/desktop.py"
LONG_FUNCTION = "def long():\n" + "    pass\n" * 60
LONG_CLASS = "class C:\n" + "".join(f"    def m{n}(self): ...\n" for n in range(21))

PLANTED = [
    ("class_size", TILL, LONG_CLASS, LONG_CLASS.replace("    def m20(self): ...\n", "")),
    ("function_length", TILL, LONG_FUNCTION, LONG_FUNCTION.replace("    pass\n", "", 1)),
    ("literal_translations", UI, 'self.tr(f"{n} points")', 'self.tr("%n points", "", n)'),
    ("literal_translations", UI, 'tr("a" + b)', "translate(context, TEXTS[code])"),
    ("literal_translations", UI, 'translate("c", "%s" % n)', 'text.translate(TABLE) + tr("a")'),
    ("literal_translations", UI, 'self.tr("{}".format(n))', 'self.tr("{}").format(n)'),
    ("module_docstring", TILL, "A = 1", '"""Why."""'),
    ("module_length", TILL, "\n" * 401, "\n" * 400),
    ("no_deferred_imports", TILL, "def f():\n    import json", "def f():\n    import pyqtgraph.exporters"),
    ("no_deferred_imports", UI, "class C:\n  def f(self):\n    from a.b import c", "import json"),
    ("no_drawers", f"{PACKAGE}/counter/utils.py", "", None),
    ("no_drawers", f"{PACKAGE}/counter/manager.py", "", None),
    ("no_drawers", f"{PACKAGE}/common/money.py", "", None),
    ("no_drawers", f"{PACKAGE}/ui/manager/helpers.py", "", None),
    ("no_floats", DOMAIN, "a: float = b", "a: int = b"),
    ("no_floats", DOMAIN, "a = 0.5", 'a = Decimal("0.5")'),
    ("no_floats", f"{PACKAGE}/protocol/codec.py", "float(a)", "a: float = 0.5"),
    ("no_floats", f"{PACKAGE}/counter/use_cases/redeem.py", "x = float(a)", "x = int(a)"),
    ("no_hex_colours", UI, 'a = "color: #1a2b3c;"', 'a = "receipt #123 of &#123456;"'),
    ("no_hex_colours", UI, 'QColor("#fff")', 'QColor(theme.accent)  # "#fff"'),
    ("no_int_signals", UI, "paid = Signal(int)", "paid = Signal(object)"),
    ("no_int_signals", UI, "paid = QtCore.Signal(str, int)", "paid = int(Signal())"),
    ("no_waiting", UI, "app.processEvents()", "app.process()"),
    ("no_waiting", "tests/unit/test_a.py", "time.sleep(1)", "event.wait(1)"),
    ("no_waiting", TILL, "sleep(1)", "sleeps = 1"),
    ("public_docstrings", TILL, "def pay(): ...", "def _pay(): ..."),
    ("public_docstrings", TILL, "class Till: ...", "class _Till:\n  def pay(self): ..."),
    (
        "public_docstrings",
        TILL,
        'class Till:\n  """A."""\n  def pay(self): ...',
        "def f():\n  '''A.'''\n  def g(): ...",
    ),
    ("public_docstrings", TILL, "def keyPressEvent(self): ...", "@override\ndef keyPressEvent(self): ..."),
    ("public_docstrings", UI, "def render(self): ...", "def keyPressEvent(self): ...\ndef paint(self): ..."),
    ("public_docstrings", f"{PACKAGE}/ui/presenters/sell.py", "def data(self): ...", "def __init__(self): ..."),
    ("pure_domain", DOMAIN, "import msgspec", "from decimal import Decimal"),
    ("pure_domain", DOMAIN, "import time", "import urs_desktop.domain.points"),
    ("pure_domain", DOMAIN, "from urs_desktop.protocol import codec", "from urs_desktop.domain import points"),
    ("pure_domain", DOMAIN, "import urs_desktop.domains", "from urs_desktop.domain.points import Points"),
]


@pytest.mark.parametrize("rule", RULES)
def test_rule_holds_everywhere(rule: str) -> None:
    faults = [f"{module.path}:{line}: {fault}" for module in modules() for line, fault in RULES[rule](module)]
    assert not faults, f"{RULES[rule].__doc__}\n" + "\n".join(faults)


@pytest.mark.parametrize(("rule", "path", "bad", "good"), PLANTED)
def test_rule_catches_a_planted_fault(rule: str, path: str, bad: str, good: str | None) -> None:
    assert list(RULES[rule](Module.of(path, bad)))
    if good is not None:
        assert not list(RULES[rule](Module.of(path, good)))


def test_every_rule_has_a_planted_fault() -> None:
    assert {rule for rule, *_ in PLANTED} == set(RULES)


def test_what_the_rules_leave_alone() -> None:
    assert not list(RULES["no_deferred_imports"](Module.of(DESKTOP, "def f():\n    import json")))
    assert not list(RULES["no_drawers"](Module.of(f"{PACKAGE}/ui/manager/dashboard.py", "")))
    migration = f"{PACKAGE}/central/migrations/versions/0001_initial.py"
    assert not list(RULES["function_length"](Module.of(migration, LONG_FUNCTION)))


@pytest.mark.parametrize(
    ("folder", "methods"),
    [(f"{PACKAGE}/ui", ("exec", "exec_")), (PACKAGE, ("setStyleSheet",))],
)
def test_one_event_loop_and_one_style_sheet(folder: str, methods: tuple[str, ...]) -> None:
    found = [
        f"{module.path}:{call.lineno}"
        for module in modules()
        if module.is_under(folder)
        for call in calls(module, *methods)
    ]
    assert len(found) <= 1, f"{methods[0]}( is called once in the program, here {len(found)} times: {found}"
