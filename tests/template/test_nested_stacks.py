"""The stacks of page and domains, created in the local cloud, with and without what is optional."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from infra import hosting
from infra.local.aws import LocalAws
from infra.template import NESTED
from scorecast.http.sender import EDGE_HEADER
from tests.emulators.ministack import running

ZONE: Final = "example.com"
NAMES: Final = {"SocketDomain": "live.example.com", "HttpDomain": "api.example.com"}
PAGE_NAME: Final = "scores.example.com"
LIMIT: Final = 2_000
EDGE_SECRET: Final = "a secret of the edge"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with running(tmp_path_factory.mktemp("ministack")) as cloud:
        yield LocalAws(cloud.endpoint)


@pytest.fixture(scope="module")
def zone(aws: LocalAws) -> str:
    made = aws.client("route53").create_hosted_zone(Name=ZONE, CallerReference="test")
    return str(made["HostedZone"]["Id"].rpartition("/")[2])


@pytest.fixture(scope="module")
def certificate(aws: LocalAws) -> str:
    made = aws.client("acm").request_certificate(DomainName=f"*.{ZONE}", ValidationMethod="DNS")
    return str(made["CertificateArn"])


@pytest.fixture(scope="module")
def secret(aws: LocalAws) -> str:
    made = aws.client("secretsmanager").create_secret(Name="edge", SecretString=EDGE_SECRET)
    return str(made["ARN"])


type Create = Callable[[str, str, Mapping[str, object]], dict[str, str]]


@pytest.fixture
def create(aws: LocalAws) -> Create:
    """Create a stack of a nested template; its outputs."""
    formation = aws.client("cloudformation")

    def create_stack(template: str, name: str, parameters: Mapping[str, object]) -> dict[str, str]:
        formation.create_stack(
            StackName=name,
            TemplateBody=NESTED[template].read_text(),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": str(value)}
                for key, value in parameters.items()
            ],
        )
        waiter = formation.get_waiter("stack_create_complete")
        waiter.wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        [stack] = formation.describe_stacks(StackName=name)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    return create_stack


PUBLISHED: Final = """
Resources:
  Bucket: {Type: AWS::S3::Bucket}
Outputs:
  PageBucket: {Value: !Ref Bucket}
  PageUrl: {Value: https://scores.example.com}
  SocketUrl: {Value: wss://live.example.com}
"""


def test_the_page_is_published_into_the_stack_of_its_environment_and_no_other(
    aws: LocalAws, create: Create, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws.environ().items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    template = tmp_path / "published.yaml"
    template.write_text(PUBLISHED)
    monkeypatch.setitem(NESTED, "Published", template)
    outputs = create("Published", "scorecast-staging", {})
    assert hosting.main(["publish", "dev"]) == 0  # where there is no stack
    s3 = aws.client("s3")
    assert s3.list_objects_v2(Bucket=outputs["PageBucket"])["KeyCount"] == 0
    assert hosting.main(["publish", "staging"]) == 0
    assert s3.get_object(Bucket=outputs["PageBucket"], Key="index.html")


def _page_parameters(secret: str, **own: object) -> dict[str, object]:
    return {
        "StackName": "scorecast-test",
        "SocketHost": "socket.execute-api.us-east-1.amazonaws.com",
        "HttpHost": "http.execute-api.us-east-1.amazonaws.com",
        "EdgeSecret": secret,
        "PageDomain": "",
        "PageCertificateArn": "",
        "HostedZoneId": "",
        "PageRequestsPerAddress": 0,
        **own,
    }


def _distribution(aws: LocalAws, outputs: Mapping[str, str]) -> dict[str, Any]:
    found = aws.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    [mine] = [each for each in found if each["DomainName"] == outputs["DomainTarget"]]
    return dict(mine)


def _records(aws: LocalAws, zone: str) -> set[tuple[str, str]]:
    found = aws.client("route53").list_resource_record_sets(HostedZoneId=zone)
    return {(each["Name"].rstrip("."), each["Type"]) for each in found["ResourceRecordSets"]}


def test_a_page_without_a_name_has_cloudfronts(aws: LocalAws, create: Create, secret: str) -> None:
    outputs = create("Page", "page-plain", _page_parameters(secret))
    assert outputs["Url"] == f"https://{outputs['DomainTarget']}"
    made = _distribution(aws, outputs)
    assert made["Aliases"]["Quantity"] == 0
    assert made["WebACLId"] == ""
    assert {each["Id"] for each in made["Origins"]["Items"]} == {"page", "api"}
    [api] = [each for each in made["Origins"]["Items"] if each["Id"] == "api"]
    [proof] = api["CustomHeaders"]["Items"]
    assert (proof["HeaderName"], proof["HeaderValue"]) == (EDGE_HEADER, EDGE_SECRET)
    blocked = aws.client("s3").get_public_access_block(Bucket=outputs["Bucket"])
    assert set(blocked["PublicAccessBlockConfiguration"].values()) == {True}


def test_a_page_with_a_name_and_a_limit_has_both(
    aws: LocalAws, create: Create, secret: str, zone: str, certificate: str
) -> None:
    own = {
        "StackName": "scorecast-other",
        "PageDomain": PAGE_NAME,
        "PageCertificateArn": certificate,
        "HostedZoneId": zone,
        "PageRequestsPerAddress": LIMIT,
    }
    outputs = create("Page", "page-named", _page_parameters(secret, **own))
    assert outputs["Url"] == f"https://{PAGE_NAME}"
    made = _distribution(aws, outputs)
    assert made["Aliases"]["Items"] == [PAGE_NAME]
    assert made["ViewerCertificate"]["ACMCertificateArn"] == certificate
    [acl] = aws.client("wafv2").list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    assert made["WebACLId"] == acl["ARN"]
    assert _records(aws, zone) >= {(PAGE_NAME, "A"), (PAGE_NAME, "AAAA")}


def _api(aws: LocalAws, protocol: str, stage: str) -> str:
    gateway = aws.client("apigatewayv2")
    selection = {"RouteSelectionExpression": "\\$default"} if protocol == "WEBSOCKET" else {}
    made = gateway.create_api(Name=f"test-{protocol}", ProtocolType=protocol, **selection)
    gateway.create_stage(ApiId=made["ApiId"], StageName=stage)
    return str(made["ApiId"])


@pytest.mark.parametrize(
    "named", [["SocketDomain"], ["HttpDomain"], ["SocketDomain", "HttpDomain"]]
)
def test_an_api_with_a_name_is_mapped_and_recorded_and_another_is_not(
    named: list[str], aws: LocalAws, create: Create, zone: str, certificate: str
) -> None:
    apis = {"Socket": _api(aws, "WEBSOCKET", "live"), "Http": _api(aws, "HTTP", "$default")}
    prefix = "-".join(named).lower()
    own = {name: f"{prefix}-{NAMES[name]}" for name in named}
    parameters = {
        **apis,
        "SocketStage": "live",
        "HttpStage": "$default",
        "SocketDomain": "",
        "HttpDomain": "",
        "SocketCertificateArn": certificate,
        "HttpCertificateArn": certificate,
        "HostedZoneId": zone,
        **own,
    }
    outputs = create("Domains", f"domains-{prefix}", parameters)
    assert set(outputs) == {f"{name}Target" for name in named}
    assert {(each, "A") for each in own.values()} <= _records(aws, zone)
    for name, domain in own.items():
        mappings = aws.client("apigatewayv2").get_api_mappings(DomainName=domain)["Items"]
        [(api, stage, key)] = [
            (each["ApiId"], each["Stage"], each.get("ApiMappingKey", "")) for each in mappings
        ]
        kind = name.removesuffix("Domain")
        assert (api, stage, key) == (apis[kind], parameters[f"{kind}Stage"], "")
