"""The other hand: boto3, driven by lines of JSON, so that a test can look at an AWS with a client nobody here wrote.

Every line of standard input is a request, every line of standard output its answer:

    {"service": "lambda", "call": "get_alias", "input": {"FunctionName": "f", "Name": "live"}}
    {"ok": {"AliasArn": …, "FunctionVersion": "2", "RevisionId": …}}

An error of the service is {"error": {"status": 412, "code": …, "message": …}}. "pages": 2 in a request walks all
pages of that size and answers with the list of them. "protocol": "smithy-rpc-v2-cbor" makes the client speak that
one. The services "seed" and "systems" fill emulators; their calls are the functions of seed.py and systems.py. Times
go both ways as ISO texts.

usage: hand.py ENDPOINT REGION
"""

import datetime
import json
import sys

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

import seed
import systems


class Hand:
    def __init__(self, endpoint: str, region: str):
        self.endpoint = endpoint
        self.region = region
        self.clients = {}

    def client(self, service: str, protocol: str | None = None, region: str | None = None):
        """The client of a service; each is made once, for that takes longer than most calls."""
        key = (service, protocol, region)
        if key not in self.clients:
            core = botocore.session.get_session()
            if protocol:
                core.register_component("data_loader", Speaking(core.get_component("data_loader"), protocol))
            self.clients[key] = boto3.Session(botocore_session=core).client(
                service,
                endpoint_url=self.endpoint,
                region_name=region or self.region,
                config=Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=20),
            )
        return self.clients[key]

    def answer(self, request: dict):
        service, call, given = request["service"], request["call"], revived(request.get("input", {}))
        if own := {"seed": seed, "systems": systems}.get(service):
            return getattr(own, call)(self, **given)
        client = self.client(service, request.get("protocol"))
        if size := request.get("pages"):
            pages = client.get_paginator(call).paginate(**given, PaginationConfig={"PageSize": size})
            return [told(page) for page in pages]
        return told(getattr(client, call)(**given))


class Speaking:
    """A loader of service models that leaves only one protocol in them."""

    def __init__(self, loader, protocol: str):
        self.loader = loader
        self.protocol = protocol

    def __getattr__(self, name: str):
        return getattr(self.loader, name)

    def load_service_model(self, service: str, kind: str, api_version: str | None = None):
        model = self.loader.load_service_model(service, kind, api_version)
        if kind != "service-2":
            return model
        return {**model, "metadata": {**model["metadata"], "protocol": self.protocol, "protocols": [self.protocol]}}


def told(response):
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


def revived(value):
    """Texts under names that end in Time, or are Timestamp, become times."""
    if isinstance(value, list):
        return [revived(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: datetime.datetime.fromisoformat(item) if isinstance(item, str) and is_time(name) else revived(item)
        for name, item in value.items()
    }


def is_time(name: str) -> bool:
    return name.endswith("Time") or name in ("Timestamp", "StartDate", "EndDate")


def plain(value):
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)


def main() -> None:
    hand = Hand(*sys.argv[1:3])
    for line in sys.stdin:
        try:
            answer = {"ok": hand.answer(json.loads(line))}
        except ClientError as error:
            said = error.response["Error"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            answer = {"error": {"status": status, "code": said.get("Code"), "message": said.get("Message")}}
        except Exception as error:  # The test shall see it, whatever it is, and this program shall go on.
            answer = {"error": {"status": None, "code": type(error).__name__, "message": str(error)}}
        print(json.dumps(answer, default=plain), flush=True)


if __name__ == "__main__":
    main()
