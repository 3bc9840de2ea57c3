"""The page's stack: a bucket that CloudFront alone reads, the HTTP API beside it, sound headers."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import pytest

from infra.local.paths import ROOT
from infra.template import nested
from tests.template.conftest import Resource, Resources

A_YEAR: Final = 365 * 24 * 3600
PAGES_META: Final = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')


@pytest.fixture(scope="module")
def page() -> Resources:
    return {name: each["Properties"] for name, each in nested("Page")["Resources"].items()}


@pytest.fixture(scope="module")
def distribution(page: Resources) -> Resource:
    return dict(page["Distribution"]["DistributionConfig"])


def test_the_page_is_hosted_when_asked_for(template: dict[str, Any]) -> None:
    assert template["Parameters"]["HostPage"]["Default"] == "false"
    assert template["Resources"]["Page"]["Condition"] == "HostsPage"
    assert template["Outputs"]["PageUrl"]["Condition"] == "HostsPage"


def test_the_bucket_is_closed_to_the_public(page: Resources) -> None:
    assert set(page["Bucket"]["PublicAccessBlockConfiguration"].values()) == {True}


def test_the_distribution_alone_reads_the_bucket(page: Resources, distribution: Resource) -> None:
    [statement] = page["BucketPolicy"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert statement["Action"] == ["s3:GetObject"]
    arn = statement["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Sub"]
    assert arn.endswith(":distribution/${Distribution}")
    [origin] = [each for each in distribution["Origins"] if each["Id"] == "page"]
    assert origin["OriginAccessControlId"] == {"Fn::GetAtt": ["AccessControl", "Id"]}
    control = page["AccessControl"]["OriginAccessControlConfig"]
    assert (control["SigningBehavior"], control["SigningProtocol"]) == ("always", "sigv4")


def _behaviours(distribution: Resource) -> Iterator[Resource]:
    yield distribution["DefaultCacheBehavior"]
    yield from distribution["CacheBehaviors"]


def test_everything_is_compressed_and_nothing_goes_in_the_clear(distribution: Resource) -> None:
    for behaviour in _behaviours(distribution):
        assert behaviour["Compress"] is True
        assert behaviour["ViewerProtocolPolicy"] in ("https-only", "redirect-to-https")
    [api] = [each for each in distribution["Origins"] if each["Id"] == "api"]
    assert api["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def test_every_path_of_the_http_api_leads_to_it_and_no_file_of_the_page(
    distribution: Resource, built_pages: Path
) -> None:
    patterns = [behaviour["PathPattern"] for behaviour in distribution["CacheBehaviors"]]
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    leading = {path: _matching(path, patterns) for path in paths}
    assert all(leading.values()), leading
    assert {pattern for found in leading.values() for pattern in found} == set(patterns)
    for file in built_pages.iterdir():
        assert not _matching(f"/{file.name}", patterns)


def _matching(path: str, patterns: list[str]) -> list[str]:
    return [pattern for pattern in patterns if fnmatchcase(path, pattern)]


def test_http_responses_are_cached_per_token(page: Resources, distribution: Resource) -> None:
    cache = page["ApiCache"]["CachePolicyConfig"]
    assert (cache["MinTTL"], cache["DefaultTTL"]) == (0, 0)
    key = cache["ParametersInCacheKeyAndForwardedToOrigin"]
    assert {"authorization", "origin"} == set(key["HeadersConfig"]["Headers"])
    for behaviour in distribution["CacheBehaviors"]:
        assert behaviour["CachePolicyId"] == {"Ref": "ApiCache"}
        assert set(behaviour["AllowedMethods"]) >= {
            "GET",
            "HEAD",
            "OPTIONS",
            "PUT",
            "POST",
            "DELETE",
        }


def test_the_pages_headers_are_as_strict_as_the_page_itself(
    page: Resources, built_pages: Path
) -> None:
    headers = page["PageHeaders"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= A_YEAR
    assert headers["ReferrerPolicy"]["ReferrerPolicy"] == "no-referrer"
    assert headers["FrameOptions"]["FrameOption"] == "DENY"
    policy = _directives(headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"])
    assert policy["connect-src"] == {"'self'", "wss://${SocketHost}"}
    pages = list(built_pages.glob("*.html"))
    assert len(pages) == 3
    for file in pages:
        [meta] = PAGES_META.findall(file.read_text())
        own = _directives(meta)
        # A page cannot say who may frame it, and only the spectator's can be installed.
        assert policy.keys() - own.keys() <= {"frame-ancestors", "manifest-src"}
        for name in own.keys() - {"connect-src"}:
            assert policy[name] >= own[name], (file.name, name)


def _directives(policy: str) -> dict[str, set[str]]:
    words = [directive.split() for directive in policy.split(";")]
    return {name: set(values) for name, *values in words}


def test_a_name_of_the_pages_own_is_optional(distribution: Resource, page: Resources) -> None:
    no_value = {"Ref": "AWS::NoValue"}
    assert distribution["Aliases"] == {"Fn::If": ["NamesPage", [{"Ref": "PageDomain"}], no_value]}
    _, own, cloudfronts = distribution["ViewerCertificate"]["Fn::If"]
    assert own["AcmCertificateArn"] == {"Ref": "PageCertificateArn"}
    assert own["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert cloudfronts == {"CloudFrontDefaultCertificate": True}
    resources = nested("Page")["Resources"]
    assert {resources[name]["Condition"] for name in ("RecordV4", "RecordV6")} == {"RecordsPage"}


def test_addresses_are_limited_when_asked_for(
    distribution: Resource, page: Resources, template: dict[str, Any]
) -> None:
    assert template["Parameters"]["PageRequestsPerAddress"]["Default"] == 0
    assert nested("Page")["Resources"]["WebAcl"]["Condition"] == "LimitsAddresses"
    acl = {"Fn::GetAtt": ["WebAcl", "Arn"]}
    assert distribution["WebACLId"] == {"Fn::If": ["LimitsAddresses", acl, {"Ref": "AWS::NoValue"}]}
    [rule] = page["WebAcl"]["Rules"]
    limit = rule["Statement"]["RateBasedStatement"]
    assert limit["Limit"] == {"Ref": "PageRequestsPerAddress"}
    assert (limit["AggregateKeyType"], limit["EvaluationWindowSec"]) == ("IP", 300)
    assert rule["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 429
