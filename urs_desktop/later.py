"""Modules that are imported when they are first used: a start should not wait for what the first minute may not need.

`later` stands for a module under its own name, beside an import that type checkers and the build see. Must never hide a
module whose absence somebody has to be told of at the start.
"""

import importlib
from types import ModuleType
from typing import Any


class Later(ModuleType):
    """A module that is not there yet; asking it for anything imports it, once, on whichever thread asks first."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the module has
        """Return what the module has under this name; raises ImportError where the module cannot be had."""
        value = getattr(importlib.import_module(self.__name__), name)
        setattr(self, name, value)
        return value


def later(name: str) -> Later:
    """Return a stand-in for the module of this name."""
    return Later(name)
