"""Commands whose options are the fields of a dataclass."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def expand_options(options: type[T]) -> Callable[[Callable[[T], None]], Callable[..., None]]:
    """Give a command that takes one dataclass a parameter for each of its fields, as Typer expects.

    Args:
        options: a dataclass whose fields are annotated with `typer.Option` or `typer.Argument`.

    Returns:
        A decorator for the command.
    """
    hints = typing.get_type_hints(options, include_extras=True)
    parameters = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in dataclasses.fields(options)  # type: ignore[arg-type]
    ]

    def decorate(command: Callable[[T], None]) -> Callable[..., None]:
        @functools.wraps(command)
        def expanded(**values: Any) -> None:
            command(options(**values))

        expanded.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return expanded

    return decorate
