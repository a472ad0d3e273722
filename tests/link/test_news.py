"""What is announced is read strictly: what it leads to is verified, and the news itself must do no harm."""

import pytest

from lapel.link.news import MalformedNews, decode_news, news_of

SHA256 = "ab" * 32


def test_news_is_read_as_it_was_written() -> None:
    news = news_of({"timestamp.json": SHA256, "12.root.json": "cd" * 32})
    assert decode_news(news.encoded()) == news


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 50_000,
        b'{"format":2,"files":{}}',
        b'{"format":1,"files":[]}',
        b'{"format":1,"files":{"../../etc/passwd":"' + SHA256.encode() + b'"}}',
        b'{"format":1,"files":{"timestamp.json":"../ab"}}',
        b'{"format":1,"files":{"timestamp.json":"' + b"A" * 64 + b'"}}',
        b'{"format":1,"files":{' + b",".join(b'"%d.root.json":"%s"' % (n, SHA256.encode()) for n in range(400)) + b"}}",
    ],
)
def test_what_is_no_news_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedNews, match="push it again"):
        decode_news(data)
