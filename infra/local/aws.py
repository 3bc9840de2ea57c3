"""How programs reach AWS's services in the local cloud."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

REGION: Final = "us-east-1"


@dataclass(frozen=True)
class LocalAws:
    endpoint_url: str
    access_key_id: str = "test"
    secret_access_key: str = "test"

    @classmethod
    def of(cls, stack: Mapping[str, Any]) -> Self:
        """As the stack file says."""
        return cls(stack["endpoint_url"], **stack["aws"])

    def described(self) -> dict[str, Any]:
        """For the stack file."""
        keys = {"access_key_id": self.access_key_id, "secret_access_key": self.secret_access_key}
        return {"endpoint_url": self.endpoint_url, "aws": keys}

    def environ(self) -> dict[str, str]:
        """This process's environment, with nothing of the developer's own AWS account in it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: Any) -> Any:
        # Here: the cloud's own environment, which reads the rest of this module, is without it.
        from localstack_client.session import Session

        session = Session(
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            region_name=REGION,
            localstack_host=self.endpoint_url.removeprefix("http://"),
        )
        return session.client(service)
