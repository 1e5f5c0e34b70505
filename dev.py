#!/usr/bin/env python3
"""One command for a fresh machine: `python3 dev.py run` or `python3 dev.py test` does all the set-up itself.

It runs before anything is installed, so it is standard library only, and it must never import the package.
Set-up makes `.venv` from the hash-locked packages of `requirements-dev.lock` and installs this tree into it
in place. One lock serves every command: leaving the development tools out of `run` would save a quarter of
the install, once, and make every change between `run` and `test` an install of its own.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
BUILT = ROOT / "dist" / "urs"
LOCK = ROOT / "requirements-dev.lock"
STAMP = VENV / "urs-set-up"
OLDEST_PYTHON = (3, 11)

COMMANDS = frozenset({"setup", "run", "test", "build", "check", "bench", "simulate"})
USAGE = """usage: python3 dev.py COMMAND [ARGUMENT ...]

  setup      make the environment and stop
  run        open the demo shop (without a display: ring up its sample baskets and say what happened)
  test       run the tests; arguments go to pytest
  build      make dist/urs, a folder with both programs that needs no Python
  check      ruff, mypy and the import contracts
  bench      measure speed; arguments go to tests.benchmarks
  simulate   run the simulator; arguments go to tests.simulation
"""

# Shared libraries Qt loads from the system, each with the Debian package that has it.
OFFSCREEN_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libbrotlidec.so.1": "libbrotli1",
}
SCREEN_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-randr.so.0": "libxcb-randr0",
}

# What PyInstaller calls, and what the tests on a screen need, each with its Debian package.
BUILD_TOOLS = {"objdump": "binutils"}
TEST_TOOLS = {"Xvfb": "xvfb", "xdotool": "xdotool"}

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports", "--no-logo"),
)


class SetUpError(Exception):
    """Set-up cannot go on; the text is one line that tells the reader what to do."""


def main(argv: list[str]) -> int:
    """Set up, then carry out the command in `argv`; returns the exit status."""
    if not argv or argv[0] in {"-h", "--help"}:
        print(USAGE, end="")
        return 0 if argv else 2
    command, arguments = argv[0], argv[1:]
    if command not in COMMANDS:
        print(f"dev.py: no command {command!r}\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    try:
        set_up()
        if command == "build":
            provide_build_tools()
        elif command == "test":
            provide_test_tools()
    except SetUpError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 1
    return carry_out(command, arguments)


def carry_out(command: str, arguments: list[str]) -> int:
    """Run `command` inside the environment, with the arguments it hands on."""
    if command == "run":
        return become(str(BIN / "urs-desktop"), "demo", *arguments)
    if command == "setup":
        return 0
    os.chdir(ROOT)
    if command == "check":
        return check()
    if command == "build":
        return build(arguments)
    module = {"test": "pytest", "bench": "tests.benchmarks", "simulate": "tests.simulation"}[command]
    return become(str(PYTHON), "-m", module, *arguments)


def become(program: str, *arguments: str) -> int:
    """Let `program` take this process's place, so that signals and the exit status are its own."""
    sys.stdout.flush()
    if os.name != "nt":  # exec on Windows gives the shell back at once, while the program still runs
        os.execv(program, [program, *arguments])
    return subprocess.call([program, *arguments])


def check() -> int:
    """Run every static check, whatever the others say; 1 if any failed."""
    failed = []
    for program, *arguments in CHECKS:
        name = " ".join((program, *arguments))
        print(f"== {name}", flush=True)
        if subprocess.call([str(BIN / program), *arguments]):
            failed.append(name)
    print(f"== failed: {', '.join(failed)}" if failed else "== all checks passed")
    return 1 if failed else 0


def build(arguments: list[str]) -> int:
    """Make `dist/urs` anew with PyInstaller; returns the exit status."""
    print("Building dist/urs (a minute or two)", flush=True)
    command = [str(BIN / "pyinstaller"), "--noconfirm", "--clean", "--log-level", "ERROR", "build.spec", *arguments]
    if subprocess.call(command):
        print("dev.py: PyInstaller could not build it; its words are above.", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in BUILT.rglob("*") if not path.is_symlink())
    print(f"{BUILT.relative_to(ROOT)} holds urs-desktop and urs-central: {size >> 20} MB; copy the whole folder.")
    return 0


def set_up() -> None:
    """Bring this machine to where every command can run; returns at once when it is there already.

    Raises:
        SetUpError: something is missing that only the reader can provide.
    """
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:2]))
        raise SetUpError(f"Python 3.11 or newer is needed and this is {found}; start dev.py with a newer python3.")
    if not PYTHON.exists() and importlib.util.find_spec("ensurepip") is None:
        raise SetUpError("Python's venv module is not whole here; on Debian: sudo apt-get install -y python3-venv")
    provide_qt_libraries()
    # The path is part of the stamp because an environment that was moved names its old place in every script.
    digest = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = f"{VENV} {digest}\n"
    if PYTHON.exists() and STAMP.is_file() and STAMP.read_text(encoding="utf-8") == stamp:
        return
    if not is_usable(VENV):
        make_venv()
    install()
    STAMP.write_text(stamp, encoding="utf-8")


def is_usable(environment: Path) -> bool:
    """Whether `environment` was made at its present path by an interpreter that is still there and new enough."""
    try:
        made_here = str(environment) in (BIN / "activate").read_text(encoding="utf-8")
        question = f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
        answer = subprocess.run([PYTHON, "-c", question], capture_output=True, check=False)
    except OSError:
        return False
    return made_here and answer.returncode == 0


def make_venv() -> None:
    """Make `.venv` anew with this interpreter."""
    print(f"Making {VENV.name} with Python {sys.version.split()[0]}", flush=True)
    if VENV.is_symlink():  # another tree's environment, which must not be emptied for this one
        VENV.unlink()
    venv.EnvBuilder(clear=True, with_pip=True, symlinks=os.name != "nt").create(VENV)


def install() -> None:
    """Install the locked packages and then this tree, in place, which needs nothing but those."""
    print("Installing the locked packages (once; about half a minute)", flush=True)
    # Wheels only: building a source archive would fetch tools that no lock holds. Not compiled ahead: most
    # modules of most packages are never imported, and the rest are compiled when they first are. The lock is
    # whole, so pip resolves nothing: looking for coverage[toml], which pytest-cov asks for, pip 23 took the newest
    # release instead of the locked one, and refused its hash, from the day a newer one was published.
    pip("--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile", "--requirement", str(LOCK))
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def pip(*arguments: str) -> None:
    """Run `pip install` in the environment."""
    # A PYTHONPATH or PYTHONHOME of the caller's would make pip see packages that are not in the environment.
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    if subprocess.call([*command, *arguments], env=environment):
        raise SetUpError("pip could not install the locked packages; its words are above.")


def provide_qt_libraries() -> None:
    """Find the shared libraries Qt needs; as root on Debian or Ubuntu install the missing ones."""
    if not sys.platform.startswith("linux"):
        return
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    absent = missing(OFFSCREEN_LIBRARIES)
    # Those of a screen are small beside the others: when root must install anyway, they come along.
    if has_display or (absent and can_install()):
        absent |= missing(SCREEN_LIBRARIES)
    provide(absent, "Qt")


def provide_build_tools() -> None:
    """Find what only a build needs, on Linux: PyInstaller's tool, Python's shared library, and Qt's for a screen."""
    if sys.platform.startswith("linux"):
        # What a screen needs comes along in the bundle, whether or not this machine has one.
        provide(missing(BUILD_TOOLS | SCREEN_LIBRARIES | python_library()), "A build")


def provide_test_tools() -> None:
    """As root on Debian or Ubuntu install what the tests on a screen need; elsewhere those are skipped."""
    absent = missing(TEST_TOOLS | SCREEN_LIBRARIES) if sys.platform.startswith("linux") else {}
    if absent and can_install():
        try:
            apt_install(*absent.values())
        except SetUpError as error:  # all other tests need none of it
            print(f"dev.py: {error}", file=sys.stderr)


def can_install() -> bool:
    """Whether this is root on a machine with Debian's packages."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def python_library() -> dict[str, str]:
    """Return the shared library of this Python and its package, where the system's interpreter is linked without it."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {f"libpython{version}.so.1.0": f"libpython{version}"} if sys.base_prefix == "/usr" else {}


def provide(absent: dict[str, str], who: str) -> None:
    """Install the packages of `absent` (file name to package) as root on Debian or Ubuntu; raises SetUpError."""
    if absent and can_install():
        apt_install(*absent.values())
        absent = missing(absent)
    if absent:
        has_apt = shutil.which("apt-get") is not None
        remedy = f"sudo apt-get install -y {' '.join(absent.values())}" if has_apt else " ".join(absent)
        raise SetUpError(f"{who} needs what is not on this machine; install it and start again: {remedy}")


def missing(needed: dict[str, str]) -> dict[str, str]:
    """Return those of `needed` (file name to package) that are not here: libraries by the loader, programs by PATH."""
    return {name: package for name, package in needed.items() if not is_here(name)}


def is_here(name: str) -> bool:
    """Whether a shared library can be loaded or a program be found."""
    if ".so" not in name:
        return shutil.which(name) is not None
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def apt_install(*packages: str) -> None:
    """Install Debian packages, without questions and without what they merely recommend."""
    print(f"Installing what is missing of the system's: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt_get = ["apt-get", "-qq"]
    # A machine's other archives may fail to answer; whether these packages can be had, the install tells.
    subprocess.call([*apt_get, "update"], env=environment, stdout=subprocess.DEVNULL)
    install_them = [*apt_get, "install", "-y", "--no-install-recommends", *packages]
    if subprocess.call(install_them, env=environment, stdout=subprocess.DEVNULL):
        raise SetUpError(f"apt-get could not install them; try: sudo apt-get install -y {' '.join(packages)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
