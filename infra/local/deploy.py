"""Deploys what was built into the local cloud with `sam deploy`."""

from collections.abc import Mapping
from typing import Final

from infra.local.aws import LocalAws
from infra.local.build import built_template
from infra.local.paths import ROOT, StackPaths
from infra.local.tools import SAM, require, run

BUCKET: Final = "scorecast-artifacts"
"""As in samconfig.toml."""
SAM_SETTINGS: Final = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.2"}


def deploy(paths: StackPaths, aws: LocalAws, parameters: Mapping[str, str]) -> dict[str, str]:
    """Deploy, and return the stack's outputs."""
    aws.client("s3").create_bucket(Bucket=BUCKET)
    command = [require(SAM), "deploy", "--stack-name", paths.stack_name]
    command += ["--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local"]
    command += ["--template-file", str(built_template(parameters["Architecture"]))]
    values = {**parameters, "LocalEndpoint": aws.endpoint_url}
    command += ["--parameter-overrides", *(f'{name}="{value}"' for name, value in values.items())]
    failure = f"sam deploy failed; the end of {paths.sam_log}:"
    run(command, aws.environ() | SAM_SETTINGS, log=paths.sam_log, failure=failure)
    [stack] = aws.client("cloudformation").describe_stacks(StackName=paths.stack_name)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    _set_concurrency(aws)
    _configure_cors(aws, outputs["HttpApiId"], parameters["AllowedOrigins"])
    return outputs


def _set_concurrency(aws: LocalAws) -> None:
    # A parameter arrives as text, which CloudFormation converts and MiniStack does not: its poller
    # then fails on every receive, and no queue is read.
    functions = aws.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        scaling = mapping.get("ScalingConfig") or {}
        if text := scaling.get("MaximumConcurrency"):
            functions.update_event_source_mapping(
                UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": int(text)}
            )


def _configure_cors(aws: LocalAws, api_id: str, allowed_origins: str) -> None:
    # MiniStack answers preflights by this; AWS, where it is absent, asks the function.
    aws.client("apigatewayv2").update_api(
        ApiId=api_id,
        CorsConfiguration={
            "AllowOrigins": allowed_origins.split(",") if allowed_origins else ["*"],
            "AllowMethods": ["GET", "PUT", "POST", "DELETE"],
            "AllowHeaders": ["authorization", "content-type", "idempotency-key", "if-none-match"],
            "ExposeHeaders": ["etag", "retry-after"],
            "MaxAge": 600,
        },
    )
