"""What a text may hold: a few blocks, and no heading level can be skipped."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock

TEXT_FEATURES = ["h3", "bold", "link", "document-link", "ul", "ol"]


class HeadingBlock(blocks.CharBlock):
    class Meta:
        icon = "title"
        label = _("Heading")
        template = "base/blocks/heading.html"
        preview_value = "Comment se préparer"
        description = _("A heading of the second level.")


class TextBlock(blocks.RichTextBlock):
    def __init__(self, **kwargs: object) -> None:
        super().__init__(features=TEXT_FEATURES, **kwargs)

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        template = "base/blocks/text.html"
        preview_value = "<p>La Cité accueille tous les publics, sans rendez-vous.</p>"
        description = _("Paragraphs, lists and links.")


class StepsBlock(blocks.ListBlock):
    def __init__(self, **kwargs: object) -> None:
        super().__init__(blocks.TextBlock(rows=2, label=_("Step")), **kwargs)

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        template = "base/blocks/steps.html"
        preview_value = ["Réunir les partenaires", "Écrire la convention"]
        description = _("Numbered steps, one after the other.")


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Quotation"), rows=3)
    who = blocks.CharBlock(label=_("Who says so"), required=False)

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        template = "base/blocks/quote.html"
        preview_value = {"text": "Ici, on part de la question de la personne.", "who": "Une conseillère"}
        description = _("Somebody's own words.")


class DescribedImageBlock(ImageBlock):
    """A space is no description, though Wagtail takes it for one."""

    def clean(self, value: Any) -> Any:
        if value is not None and value.contextual_alt_text:
            value.contextual_alt_text = value.contextual_alt_text.strip()
        return super().clean(value)


class PictureBlock(blocks.StructBlock):
    image = DescribedImageBlock(label=_("Picture"))
    caption = blocks.CharBlock(label=_("Caption"), required=False)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "base/blocks/picture.html"
        preview_value: dict[str, object] = {}
        description = _("A picture with its caption.")


class FileBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("File"))
    title = blocks.CharBlock(label=_("Title"), required=False)

    class Meta:
        icon = "doc-full"
        label = _("File")
        template = "base/blocks/file.html"
        preview_value: dict[str, object] = {}
        description = _("A file to download.")


class SourceBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title as published"))
    url = blocks.URLBlock(label=_("Address"), required=False)

    class Meta:
        icon = "link"
        label = _("Link")
        template = "base/blocks/source.html"


class SourcesBlock(blocks.ListBlock):
    def __init__(self, **kwargs: object) -> None:
        super().__init__(SourceBlock(), **kwargs)

    class Meta:
        icon = "link"
        label = _("Sources")
        template = "base/blocks/sources.html"
        preview_value = [{"title": "Charte des Cités des métiers", "url": ""}]
        description = _("Where it comes from: titles as published, in their own language.")


BODY_BLOCKS = [
    ("heading", HeadingBlock()),
    ("text", TextBlock()),
    ("steps", StepsBlock()),
    ("quote", QuoteBlock()),
    ("picture", PictureBlock()),
    ("file", FileBlock()),
    ("sources", SourcesBlock()),
]
