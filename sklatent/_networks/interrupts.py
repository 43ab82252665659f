"""What an interrupt from the keyboard ends: one training, or the call that this is part of."""

import dis
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

from sklearn.exceptions import ConvergenceWarning

__all__ = ["end_if_interrupted", "note_clone", "part_of_a_call", "raised_by_code"]

_PART = ContextVar("part_of_a_call", default=False)
# A clone is made by a search, a cache or the like, and its training is a part of that. It is not
# noted in the clone, of which scikit-learn wants parameters alone, and a cache the same hash.
_CLONES: WeakSet[Any] = WeakSet()


def note_clone(estimator: Any) -> Any:
    """Return an estimator, noted as a clone."""
    _CLONES.add(estimator)
    return estimator


@contextmanager
def part_of_a_call() -> Iterator[None]:
    """Say that trainings inside are parts of a larger call."""
    token = _PART.set(True)
    try:
        yield
    finally:
        _PART.reset(token)


def end_if_interrupted(
    estimator: Any, interrupted: bool, done: int, max_epochs: int, stacklevel: int = 3
) -> None:
    """Warn of an interrupted training whose weights stay, or end the call that it is part of."""
    if not interrupted:
        return
    if _PART.get() or estimator in _CLONES:
        raise KeyboardInterrupt(f"The training of {estimator!r} was interrupted.")
    warnings.warn(
        f"Training was interrupted after {done} of {max_epochs} epochs; "
        "the weights so far are kept.",
        ConvergenceWarning,
        stacklevel=stacklevel,
    )


def raised_by_code(error: BaseException) -> bool:
    """Return whether code raised an exception by a statement, and no signal did."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    at = trace.tb_lasti
    operations = {step.offset: step.opname for step in dis.get_instructions(trace.tb_frame.f_code)}
    return operations.get(at) == "RAISE_VARARGS"
