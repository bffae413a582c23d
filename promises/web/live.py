"""Pages that look again every few seconds: as long as nothing has changed, the answer is a bare 304."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from flask import Response, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from promises import language
from promises.web.request import visitor


def page_or_unchanged(known: object, render: Callable[[], str]) -> AnyResponse:
    """The page that *render* writes, or 304 if the asker has it as it would be.

    :param known: all that the page shows but the clock, as plain values with a telling ``repr``.
    """
    reader = visitor()
    shown = (known, language.current(), reader and (reader.id, reader.theme), request.path)
    mark = sha256(repr(shown).encode()).hexdigest()[:32]
    if request.if_none_match.contains(mark):
        answer: AnyResponse = Response(status=304)
    else:
        answer = make_response(render())
    answer.set_etag(mark)
    return answer
