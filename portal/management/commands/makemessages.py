"""Django's makemessages with this project's options: two runs in a row change nothing."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.commands import makemessages

CREATED = re.compile(rb'^"POT-Creation-Date: .*\n', re.MULTILINE)
UNFILLED = re.compile(rb'\A(#.*\n)*|^"(Project-Id-Version|PO-Revision|Last-Translator|Language).*\n', re.MULTILINE)


class Command(makemessages.Command):
    help = "Bring locale/ up to date with the code and the templates, for every language of the settings."
    requires_system_checks = ()
    # A guessed translation is a wrong one that looks right: none is made.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def handle(self, *args: Any, **options: Any) -> None:
        options |= {
            "locale": options["locale"] or [code for code, name in settings.LANGUAGES],
            "ignore_patterns": [*options["ignore_patterns"], ".venv", "var", "tests", "docs", "requirements*.txt"],
            "add_location": "file",
            "no_wrap": True,
            "no_obsolete": True,
        }
        super().handle(*args, **options)

    def write_po_file(self, potfile: str, locale: str) -> None:
        """Keep the date of the first extraction: a new one each time is a conflict in every merge."""
        po = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        created = CREATED.search(po.read_bytes()) if po.exists() else None
        super().write_po_file(potfile, locale)
        text = po.read_bytes()
        if created:
            text = CREATED.sub(lambda found: created[0], text, count=1)
        else:
            header = f'msgstr ""\n"Language: {locale}\\n"\n'.encode()
            text = UNFILLED.sub(b"", text).replace(b'msgstr ""\n', header, 1)
        po.write_bytes(text)
