"""What the services of the clouds say is a region, or nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pytest_carbon.grid.runner.clouds import CLOUDS, region_of
from pytest_carbon.grid.runner.metadata_service import MetadataError, MetadataService
from tests.grid.runner.conftest import AWS, AZURE, FLAVOR, GOOGLE, TOKEN, http

AZURE_CLOUD, AWS_CLOUD, GOOGLE_CLOUD = CLOUDS
NO_REGIONS = {
    "HTML": http("<html>secret</html>"),
    "empty": http(""),
    "a line more": http("westeurope\nsecret"),
    "a line end": http("westeurope\n"),
    "Markdown": http("[secret](http://x)"),
    "ANSI": http("\x1b[31msecret"),
    "capitals": http("WestEurope"),
    "digits of elsewhere": http("westeurope\u0663"),
    "long name": http("a" * 41),
}


def _service(metadata: Any) -> MetadataService:
    return MetadataService(time.monotonic() + 1.0, metadata.address)


@pytest.mark.parametrize("fault", NO_REGIONS)
def test_only_the_name_of_a_region_comes_through(metadata: Any, fault: str) -> None:
    """No line end, Markdown, colour or long text reaches a report: the error has no text of the answer."""
    metadata.answers = {AZURE: NO_REGIONS[fault], TOKEN: http("t"), AWS: NO_REGIONS[fault]}
    for cloud in (AZURE_CLOUD, AWS_CLOUD):
        with pytest.raises(MetadataError) as caught:
            region_of(cloud, _service(metadata))
        assert str(caught.value) == "answered with what is no name of a region"


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "a b", "", "x" * 513])
def test_a_token_is_sent_back_only_if_it_is_one(metadata: Any, token: str) -> None:
    """A token with a line end would be a header of its own."""
    metadata.answers = {TOKEN: http(token), AWS: http("us-east-1")}
    with pytest.raises(MetadataError, match=r"^answered with what is no name of a region"):
        region_of(AWS_CLOUD, _service(metadata))
    assert len(metadata.questions) == 1


@pytest.mark.parametrize(
    "answer", [http("projects/12/zones/us-central1-a"), http("us-central1-a", "200 OK", FLAVOR)], ids=["header", "path"]
)
def test_google_says_that_it_is_google(metadata: Any, answer: bytes) -> None:
    """Without its header, or with another text, an answer is of somebody else."""
    metadata.answers[GOOGLE] = answer
    with pytest.raises(MetadataError, match=r"^answered with what is no name of a region"):
        region_of(GOOGLE_CLOUD, _service(metadata))
