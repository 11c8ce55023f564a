"""What a website becomes in a policy: an origin, or nothing."""

import pytest

from portal.base.framing import origins, policy_for_frames_on
from portal.base.middleware import PUBLIC_POLICY


@pytest.mark.parametrize(
    ("website", "found"),
    [
        ("https://cite.example", ["https://cite.example", "https://www.cite.example"]),
        ("https://www.cite.example/agenda?x=1#top", ["https://www.cite.example", "https://cite.example"]),
        ("HTTP://Cite.Example:8080/", ["http://cite.example:8080", "http://www.cite.example:8080"]),
        (
            "https://cité-métiers.example",
            ["https://xn--cit-mtiers-d7ac.example", "https://www.xn--cit-mtiers-d7ac.example"],
        ),
        ("https://somebody:secret@cite.example/", ["https://cite.example", "https://www.cite.example"]),
        ("http://127.0.0.1:9000/page", ["http://127.0.0.1:9000"]),
        ("https://cite.example; script-src *", []),
        ("https://cite.example;script-src", []),
        ("https://cite.example https://evil.example", []),
        ("https://cite.example,https://evil.example", []),
        ("https://cite.example\nX-Evil: 1", []),
        ("https://*.example", []),
        ("https://*", []),
        ("https://'self'", []),
        ("https://cite_x.example", []),
        ("https://-cite.example", []),
        ("https://cite.example.", []),
        ("https://localhost", []),
        ("https://[::1]/", []),
        ("https://[broken", []),
        ("https://cite.example:99999/", []),
        ("https://cite.example:x/", []),
        (f"https://{'a' * 64}.example", []),
        (f"https://{'a.' * 130}example", []),
        ("https://", []),
        ("javascript://cite.example/%0Aalert(1)", []),
        ("data:text/html,x", []),
        ("//cite.example", []),
        ("cite.example", []),
        ("*", []),
        ("", []),
    ],
)
def test_website_becomes_its_origin_or_nothing(website, found):
    assert origins(website) == found


def test_policy_differs_from_that_of_any_page_in_who_may_frame_it():
    websites = ["https://b.example", "https://a.example", "https://www.a.example/x", "https://x; script-src *", ""]

    assert policy_for_frames_on(websites) == PUBLIC_POLICY.replace(
        "frame-ancestors 'self'",
        "frame-ancestors 'self' https://a.example https://b.example https://www.a.example https://www.b.example",
    )


def test_nobody_else_may_frame_where_there_is_no_website():
    assert policy_for_frames_on([""]) == PUBLIC_POLICY
