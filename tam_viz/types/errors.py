"""The one error that a person is shown."""

from __future__ import annotations


class UserError(Exception):
    """A mistake that a person can put right: what was expected, what came, what to do.

    The message is shown as it is, on the page or on standard error. Anything else that is
    raised is a bug and stays one.
    """
