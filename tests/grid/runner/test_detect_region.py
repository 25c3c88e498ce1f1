"""The region of a machine, from a metadata service that may be wrong, slow or hostile."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pytest_carbon.grid.runner.detect_region import LIMIT_S, RunnerRegion, detect_region, vendor_here
from pytest_carbon.grid.runner.metadata_service import MetadataError
from tests.grid.runner.conftest import AWS, AZURE, FLAVOR, GOOGLE, TOKEN, http

AZURE_VENDOR = "Microsoft Corporation"


@pytest.mark.parametrize(
    ("vendor", "answers", "needed", "expected", "asked"),
    [
        (
            AZURE_VENDOR,
            {AZURE: http("westeurope")},
            {AZURE: "\r\nMetadata: true\r\n"},
            RunnerRegion("westeurope", "Azure", "NL"),
            [AZURE],
        ),
        (
            "Amazon EC2",
            {TOKEN: http("AQAEA-x_w=="), AWS: http("eu-central-1")},
            {
                TOKEN: "\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n",
                AWS: "\r\nX-aws-ec2-metadata-token: AQAEA-x_w==\r\n",
            },
            RunnerRegion("eu-central-1", "AWS", "aws:eu-central-1"),
            [TOKEN, AWS],
        ),
        (
            "Google",
            {GOOGLE: http("projects/12/zones/europe-west4-b", "200 OK", FLAVOR)},
            {GOOGLE: f"\r\n{FLAVOR}\r\n"},
            RunnerRegion("europe-west4", "Google Cloud", "gcp:europe-west4"),
            [GOOGLE],
        ),
        (
            "Xen",
            {GOOGLE: http("projects/12/zones/us-central1-a", "200 OK", FLAVOR)},
            {},
            RunnerRegion("us-central1", "Google Cloud", "gcp:us-central1"),
            [AZURE, TOKEN, GOOGLE],
        ),
        (
            AZURE_VENDOR,
            {AZURE: http("marsnorth")},
            {},
            RunnerRegion("marsnorth", "Azure", None),
            [AZURE],
        ),
    ],
    ids=["Azure", "AWS", "Google", "no known vendor", "a region of no table"],
)
def test_regions(
    metadata: Any, vendor: str, answers: Any, needed: Any, expected: RunnerRegion, asked: list[str]
) -> None:
    """Each cloud is asked with its own headers; that of the vendor alone, else one after the other."""
    metadata.answers, metadata.needed = answers, needed
    assert detect_region(metadata.address, vendor=vendor) == expected
    assert [question.partition(" HTTP/1.1\r\n")[0] for question in metadata.questions] == asked


def test_a_slow_drip_ends_with_the_time_of_all(metadata: Any) -> None:
    """Byte after byte, also of the headers: the second is for all clouds together."""
    assert LIMIT_S == 1.0
    metadata.answers[AZURE], metadata.pause_s = http("westeurope"), 0.2
    begun = time.monotonic()
    with pytest.raises(MetadataError) as caught:
        detect_region(metadata.address, vendor="")
    assert time.monotonic() - begun < 10
    assert str(caught.value) == "the metadata service of Azure, AWS and Google Cloud did not answer within 1 s"


def test_nobody_listens() -> None:
    """The reason of all clouds is told once; the vendor of this machine is a text, or unknown."""
    with pytest.raises(MetadataError) as caught:
        detect_region(("127.0.0.1", 1), vendor="")
    assert str(caught.value) == (
        "the metadata service of Azure, AWS and Google Cloud could not be asked (Connection refused)"
    )
    assert isinstance(vendor_here(), str)
