"""The command line of the central store (`urs-central`).

Ids and codes stand alone on standard output, refusals are one sentence on standard error with exit status 1, wrong
usage is 2. The commands are in central.commands. Must never show a traceback, nor import Qt, keyring or the counter.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import bootstrap
from urs_desktop.central.commands import (
    adjustments,
    counters,
    customers,
    explain,
    leasing,
    operators,
    parked,
    policies,
    programme,
    settlement,
    store,
)
from urs_desktop.central.commands.registry import Answer, Registry
from urs_desktop.central.messages import sentence
from urs_desktop.central.troubles import TroubleError
from urs_desktop.database.engine import DatabaseFileError, trouble_of
from urs_desktop.domain.refusals import Refusal
from urs_desktop.system.programs import keep_libraries_to_itself
from urs_desktop.system.sealed_file import SealedFileError

SUBJECTS: Final = (
    store,
    programme,
    policies,
    leasing,
    settlement,
    operators,
    customers,
    counters,
    adjustments,
    parked,
    explain,
)
"""The modules of commands, in the order in which help lists them; each has `add_to(commands)`."""

_TROUBLES: Final = (TroubleError, DatabaseFileError, SealedFileError)
"""Errors whose text is already one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 0 success, 1 a refusal said in one sentence, 2 wrong usage."""
    options = parser().parse_args(arguments)
    try:
        where = bootstrap.place(options.data_dir, options.passphrase_file)
        answer: Answer = options.run(where, options)
        if answer.text or (options.json and answer.document is not None):
            print(json.dumps(answer.document, ensure_ascii=False) if options.json else answer.text, flush=True)
    except BrokenPipeError:
        return 1
    except (Refusal, OSError, KeyboardInterrupt, *_TROUBLES) as trouble:
        return _refuse(_sentence(trouble))
    except sa.exc.DatabaseError as error:
        if (said := trouble_of(error)) is None:
            raise
        return _refuse(said)
    return answer.status


def parser() -> argparse.ArgumentParser:
    """Return the command line with all commands."""
    commands = Registry(bootstrap.PROGRAM, "The central store of the Unified Reward System.")
    for subject in SUBJECTS:
        subject.add_to(commands)
    return commands.root


def _sentence(trouble: BaseException) -> str:
    """Return one sentence about what stopped a command."""
    if isinstance(trouble, Refusal):
        return sentence(trouble)
    if isinstance(trouble, OSError):
        return f"{trouble.filename or 'The disk'}: {trouble.strerror or trouble}."
    return "Interrupted." if isinstance(trouble, KeyboardInterrupt) else str(trouble)


def _refuse(text: str) -> int:
    with suppress(BrokenPipeError):
        print(text, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    keep_libraries_to_itself()
    sys.exit(main())
