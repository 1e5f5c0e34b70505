"""Commands about the people who run the programme, and how a command learns which of them is there.

Must never take a password on the command line, where other people of the machine could read it.
"""

import argparse
from pathlib import Path

from urs_desktop.central import inspection, operators
from urs_desktop.central.bootstrap import Central
from urs_desktop.central.commands.registry import Answer, Registry, table
from urs_desktop.central.operators import Operator, Role


def add_to(commands: Registry) -> None:
    """Add these commands and their options."""
    add = commands.add("operator add", "add an operator and print the id", _add)
    add.add_argument("--name", required=True)
    add.add_argument("--role", required=True, metavar="|".join(Role))
    add.add_argument("--password-file", required=True, type=Path, metavar="F")
    commands.add("operator list", "list the operators", _list)


def add_sign_in(to: argparse.ArgumentParser) -> None:
    """Add the options by which an operator says who it is."""
    to.add_argument("--operator", required=True, metavar="NAME", help="who does it, and is written down as such")
    to.add_argument("--password-file", required=True, type=Path, metavar="F", help="holds the operator's password")


def signed_in(central: Central, options: argparse.Namespace) -> Operator:
    """Return the operator the options name; raises PasswordError."""
    password = operators.password_in(options.password_file)
    return operators.authenticate(central.database, options.operator, password)


def _add(central: Central, options: argparse.Namespace) -> Answer:
    password_hash = operators.hashed(operators.password_in(options.password_file))
    with central.database.write() as connection:
        operator_id = operators.add(
            connection, options.name, options.role, password_hash, central.clock.now(), central.randomness
        )
    return Answer(operator_id, {"operator_id": operator_id})


def _list(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        rows = [
            {
                "operator_id": operator.operator_id,
                "name": operator.name,
                "role": operator.role.value,
                "created_at": inspection.time_text(operator.created_at),
            }
            for operator in operators.every(connection)
        ]
    return Answer(table(rows), rows)
