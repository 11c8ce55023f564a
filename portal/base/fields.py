from __future__ import annotations

from typing import Any

from wagtail.fields import StreamField

from portal.base.blocks import BODY_BLOCKS


class BodyField(StreamField):
    """A StreamField whose blocks stay out of the migrations: blocks are code, not schema."""

    def __init__(self, block_types: Any = None, **kwargs: Any) -> None:
        super().__init__(block_types or BODY_BLOCKS, **kwargs)

    def deconstruct(self) -> Any:
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [], kwargs
