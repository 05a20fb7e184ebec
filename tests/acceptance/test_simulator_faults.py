"""The simulator, unkind on request, as boto3 meets it."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from support import REGION, wait_until, web_session

NO_RETRIES = Config(proxies={}, retries={"max_attempts": 0}, read_timeout=5)


def client(simulator, service):
    settings = simulator.settings
    return boto3.client(service, endpoint_url=settings["AWS_ENDPOINT_URL"], region_name=REGION, config=NO_RETRIES,
                        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
                        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"])


def calls(simulator):
    """A call of each service that changes nothing."""
    return {
        "ec2": client(simulator, "ec2").describe_instances,
        "route53": client(simulator, "route53").list_hosted_zones,
        "sts": client(simulator, "sts").get_caller_identity,
        "sqs": lambda: client(simulator, "sqs").get_queue_url(QueueName="spot-manager"),
    }


@pytest.mark.parametrize("fault, codes, status", [
    ("throttle", {"ec2": "RequestLimitExceeded", "route53": "Throttling", "sts": "Throttling", "sqs": "RequestThrottled"},
     {400, 503}),
    ("unavailable", {"ec2": "Unavailable", "route53": "ServiceUnavailable", "sts": "ServiceUnavailable",
                     "sqs": "ServiceUnavailable"}, {503}),
    ("access_denied", {"ec2": "UnauthorizedOperation", "route53": "AccessDenied", "sts": "AccessDenied",
                       "sqs": "AccessDeniedException"}, {400, 403}),
    ("expired_credentials", {"ec2": "RequestExpired", "route53": "ExpiredToken", "sts": "ExpiredToken",
                             "sqs": "ExpiredTokenException"}, {400, 403}),
    ("error:OptInRequired", dict.fromkeys(("ec2", "route53", "sts", "sqs"), "OptInRequired"), {400}),
])
def test_every_service_refuses_in_its_own_words(simulator, fault, codes, status):
    for service, call in calls(simulator).items():
        call()
        simulator.play({"service": service, "fault": fault, "count": 1})
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == codes[service]
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in status
        call()


def test_a_reset_call_was_taken_or_not(simulator):
    ec2 = client(simulator, "ec2")
    ask = {"LaunchSpecification": {"ImageId": "ami-1", "InstanceType": "t3.large"}}
    for fault, taken in [("reset_before", 0), ("reset_after", 1), ("cut", 2), ("html", 3), ("oversized", 4)]:
        simulator.play({"operation": "RequestSpotInstances", "fault": fault, "count": 1})
        try:
            ec2.request_spot_instances(**ask)
            assert fault == "oversized"  # boto3 reads it all
        except (botocore.exceptions.HTTPClientError, botocore.parsers.ResponseParserError):
            assert fault != "oversized"
        assert len(simulator.state()["spot_requests"]) == taken, fault


def test_a_connection_may_be_closed_after_an_answer(simulator):
    simulator.play({"fault": "close", "count": 1})
    url = urlsplit(simulator.settings["AWS_ENDPOINT_URL"])
    connection = HTTPConnection(url.hostname, url.port, timeout=5)
    connection.request("POST", "/", "Action=DescribeInstances&Version=2016-11-15",
                       {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    assert "Authentication" in answer.read().decode() and "close" not in answer.headers.get("Connection", "")
    # Nothing has announced it.
    assert connection.sock.recv(1) == b""
    assert simulator.faults()[0]["struck"] == 1


def test_expired_credentials_are_replaced_by_imds(simulator):
    imds, session = simulator.settings["AWS_EC2_METADATA_SERVICE_ENDPOINT"], web_session()
    token = session.put(f"{imds}/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}, timeout=5).text

    def credentials():
        return session.get(f"{imds}/latest/meta-data/iam/security-credentials/spot-manager", timeout=5,
                           headers={"X-aws-ec2-metadata-token": token}).json()

    def who(found):
        return boto3.client("sts", endpoint_url=simulator.settings["AWS_ENDPOINT_URL"], region_name=REGION,
                            config=NO_RETRIES, aws_access_key_id=found["AccessKeyId"],
                            aws_secret_access_key=found["SecretAccessKey"],
                            aws_session_token=found["Token"]).get_caller_identity()
    old = credentials()
    assert credentials() == old
    simulator.play({"fault": "expired_credentials", "count": 1})
    for _ in range(2):
        with pytest.raises(botocore.exceptions.ClientError, match="ExpiredToken"):
            who(old)
    assert credentials()["AccessKeyId"] != old["AccessKeyId"]
    assert "spot-manager" in who(credentials())["Arn"]


def test_rules_are_listed_checked_and_forgotten(simulator):
    simulator.play({"service": "ec2", "fault": "stale", "by": "3s", "for": "1m", "probability": 0.5})
    [rule] = simulator.faults()
    assert rule == {"service": "ec2", "operation": "*", "fault": "stale", "by": "3s", "for": "1m", "probability": 0.5,
                    "struck": 0}
    answer = web_session().post(f"{simulator.settings['SIM_CONTROL_URL']}/faults", json={"fault": "thunder"}, timeout=5)
    assert answer.status_code == 400 and "thunder" in answer.json()["error"]
    simulator.be_kind()
    assert simulator.faults() == []


@pytest.mark.parametrize("simulator_options", [["--unkind", "0.5", "--seed", "3"]])
def test_it_may_be_unkind_from_the_start(simulator):
    def tried():
        for call in calls(simulator).values():
            try:
                call()
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError,
                    botocore.parsers.ResponseParserError):
                pass
        return sum(rule["struck"] > 0 for rule in simulator.faults()) > 5
    wait_until(tried, what="several faults have struck")


@pytest.mark.parametrize("simulator_options", [["--limits"]])
def test_it_may_keep_the_limits_that_aws_publishes(simulator):
    route53 = client(simulator, "route53")
    with pytest.raises(botocore.exceptions.ClientError, match="Throttling"):
        for _ in range(50):
            route53.list_hosted_zones()
    for _ in range(50):
        client(simulator, "sts").get_caller_identity()
