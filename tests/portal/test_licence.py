import pytest

from portal.licence import licence_from_text


@pytest.mark.parametrize("text", ["", "  "])
def test_no_licence_is_made_up(text):
    assert licence_from_text(text) is None


def test_licence_has_a_name_and_an_address():
    found = licence_from_text(" Licence Ouverte 2.0  https://example.org/licence ")

    assert found == {"name": "Licence Ouverte 2.0", "url": "https://example.org/licence"}


@pytest.mark.parametrize(
    "text", ["CC BY 4.0", "https://example.org/licence", "CC BY javascript:alert(1)", "CC BY https://"]
)
def test_half_a_licence_is_refused(text):
    with pytest.raises(ValueError, match="DATA_LICENCE"):
        licence_from_text(text)
