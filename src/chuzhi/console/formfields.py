"""A field of a form as what it is, for a form that fills it in when it is made."""

from typing import TypeVar

from django import forms

F = TypeVar("F", bound=forms.Field)


def named(form: forms.BaseForm, name: str, kind: type[F]) -> F:
    """The field of this name. Raises TypeError if it is not of this kind."""
    found = form.fields[name]
    if not isinstance(found, kind):
        raise TypeError(f"{name} is no {kind.__name__}")
    return found
