"""Deploys what was built into the local cloud with `sam deploy`."""

from collections.abc import Mapping
from typing import Final

from infra.local.build import built_template, run_sam
from infra.local.paths import ROOT, StackPaths
from infra.local.ports import Ports
from infra.local.tools import SAM, aws_environ, client, require

BUCKET: Final = "scorecast-artifacts"
"""As in samconfig.toml."""


def deploy(site: StackPaths, ports: Ports, parameters: Mapping[str, str]) -> dict[str, str]:
    """Deploy, and return the stack's outputs."""
    client("s3", ports.endpoint_url).create_bucket(Bucket=BUCKET)
    command = [require(SAM), "deploy", "--stack-name", site.stack_name]
    command += ["--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local"]
    command += ["--template-file", str(built_template(parameters["Architecture"]))]
    command += ["--parameter-overrides"]
    values = {**parameters, "LocalEndpoint": ports.endpoint_url}
    command += [f'{name}="{value}"' for name, value in values.items()]
    run_sam(site, command, aws_environ(ports.endpoint_url))
    found = outputs(site, ports)
    _say_cors(ports, found["HttpApiId"], parameters.get("AllowedOrigins", ""))
    return found


def outputs(site: StackPaths, ports: Ports) -> dict[str, str]:
    stacks = client("cloudformation", ports.endpoint_url).describe_stacks(StackName=site.stack_name)
    return {output["OutputKey"]: output["OutputValue"] for output in stacks["Stacks"][0]["Outputs"]}


def _say_cors(ports: Ports, api_id: str, allowed_origins: str) -> None:
    # MiniStack answers preflights itself, from this; AWS, where nothing is said, asks the function.
    client("apigatewayv2", ports.endpoint_url).update_api(
        ApiId=api_id,
        CorsConfiguration={
            "AllowOrigins": allowed_origins.split(",") if allowed_origins else ["*"],
            "AllowMethods": ["GET", "PUT", "POST", "DELETE"],
            "AllowHeaders": ["authorization", "content-type", "idempotency-key", "if-none-match"],
            "ExposeHeaders": ["etag", "retry-after"],
            "MaxAge": 600,
        },
    )
