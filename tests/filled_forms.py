"""Forms of a page, filled in as a browser would send them back."""

from typing import Any

from bs4 import BeautifulSoup


def posted(page: Any, form: str = "form[data-edit-form]") -> dict[str, Any]:
    """What pressing the button of a form, found by a CSS selector, would send; by default the admin's."""
    data: dict[str, Any] = {}
    for field in BeautifulSoup(page.content, "html.parser").select(f"{form} [name]"):
        if field.name == "select":
            chosen = [option["value"] for option in field.select("option[selected]")]
            data[field["name"]] = chosen[0] if chosen else ""
        elif field.name == "textarea":
            data[field["name"]] = field.text
        elif field.name == "input" and (field.get("type") not in {"checkbox", "radio"} or field.has_attr("checked")):
            data.setdefault(field["name"], []).append(field.get("value", ""))
    return data
