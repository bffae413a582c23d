"""schemathesis: whatever is sent, there is no fault of ours and no answer but the described ones."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.api.conftest import event

EXAMPLES = 25
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    positive_data_acceptance,
    unsupported_method,
    ignored_auth,
]


@pytest.fixture
def interface(app: Any, program: Any) -> Any:
    """The description as it is served, of an installation with a promise and a case."""
    app.config["SETTINGS"] = type(app.config["SETTINGS"])(
        **{**vars(app.config["SETTINGS"]), "api_per_minute": 1_000_000}
    )
    program.tell(event())
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_as_described(interface: Any, program: Any, mode: GenerationMode) -> None:
    asked = 0
    for found in interface.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            answer = case.call(headers=program.headers)
            case.validate_response(answer, checks=CHECKS, headers=program.headers)
            if answer.status_code == 200 and case.path == "/api/v1/events":
                # A batch is taken row by row, so a wrong row in it is told there and not by the status.
                told = answer.json()
                assert told["taken"] + told["known"] + told["refused"] == len(told["rows"]) >= 1
            else:
                case.validate_response(answer, checks=[negative_data_rejection], headers=program.headers)

        try:
            ask()
        except Unsatisfiable:
            # There is nothing wrong to say where nothing is asked for.
            assert mode is GenerationMode.NEGATIVE
    assert asked >= 4 * EXAMPLES // 2
