"""The field of a form that takes documents: several at once, none larger than may be kept."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.core import documents


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Files as (name, content), each no larger than may be kept."""

    def __init__(self, **more: Any) -> None:
        accept = {"accept": ".pdf,.png,.jpg,.jpeg", "class": "file-input"}
        super().__init__(widget=SeveralFilesInput(attrs=accept), **more)

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, bytes]]:
        given = (data or [None]) if isinstance(data, list | tuple) else [data]
        found = [file for each in given if (file := super(SeveralFilesField, self).clean(each, initial))]
        if len(found) > documents.MOST_FILES or any((file.size or 0) > documents.MOST_BYTES for file in found):
            no = documents.DocumentTooLarge(megabytes=documents.MOST_BYTES // 2**20, files=documents.MOST_FILES)
            raise forms.ValidationError(str(no), code=no.code)
        return [(str(file.name), file.read()) for file in found]


def evidence(**more: Any) -> SeveralFilesField:
    return SeveralFilesField(help_text=_("PDF, PNG or JPEG, at most 5 files of 10 MB."), **more)
