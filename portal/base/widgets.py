from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join


class QuickSelect(forms.Select):
    """A select of hundreds of options, as of countries and time zones: Django renders a template for each of them.

    Its choices have no groups.
    """

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> Any:
        chosen = str(value or "")
        before, mark = '<option value="{}">{}</option>', '<option value="{}" selected>{}</option>'
        options = format_html_join(
            "\n",
            "{}",
            ((format_html(mark if code == chosen else before, code, label),) for code, label in self.choices),
        )
        attributes = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<select{}>{}</select>", attributes, options)
