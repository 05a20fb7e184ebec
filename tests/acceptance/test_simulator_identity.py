"""Who may call the simulator: signatures, sessions, instance metadata."""

import datetime
import http.client
import json
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from support import REGION, boto_client, wait_until, web_session


def code_of(call):
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["Error"]["Code"], error.value.response["ResponseMetadata"]["HTTPStatusCode"]


def calls(client_of):
    """One harmless call of each service."""
    return {"sqs": lambda: client_of("sqs").list_queues(), "ec2": lambda: client_of("ec2").describe_instances(),
            "route53": lambda: client_of("route53").list_hosted_zones(),
            "sts": lambda: client_of("sts").get_caller_identity()}


def test_the_caller_is_told_who_he_is(simulator):
    identity = simulator.client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"] == "arn:aws:iam::123456789012:user/simulator"
    assert simulator.aws("sts", "get-caller-identity")["UserId"] == identity["UserId"]


def test_a_wrong_secret_is_refused_by_every_service(simulator):
    url, key = simulator.settings["AWS_ENDPOINT_URL"], simulator.settings["AWS_ACCESS_KEY_ID"]
    found = {service: code_of(call)
             for service, call in calls(lambda service: boto_client(service, url, key, "wrong")).items()}
    assert found == {"sqs": ("InvalidSignatureException", 403), "ec2": ("AuthFailure", 401),
                     "route53": ("SignatureDoesNotMatch", 403), "sts": ("SignatureDoesNotMatch", 403)}


def test_an_unknown_key_is_refused_by_every_service(simulator):
    url = simulator.settings["AWS_ENDPOINT_URL"]
    found = {service: code_of(call)
             for service, call in calls(lambda service: boto_client(service, url, "AKIDNOBODY", "x")).items()}
    assert found == {"sqs": ("UnrecognizedClientException", 403), "ec2": ("AuthFailure", 401),
                     "route53": ("InvalidClientTokenId", 403), "sts": ("InvalidClientTokenId", 403)}


class SkewedAuth(SigV4Auth):
    """Signs with a clock that is off."""

    def __init__(self, *arguments, minutes):
        super().__init__(*arguments)
        self.minutes = minutes

    def skewed_send(self, url, data, headers):
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=self.minutes)
        request = AWSRequest("POST", url, headers=headers, data=data)
        request.context["timestamp"] = now.strftime("%Y%m%dT%H%M%SZ")
        request.headers["X-Amz-Date"] = request.context["timestamp"]
        signature = self.signature(self.string_to_sign(request, self.canonical_request(request)), request)
        headers_to_sign = self.headers_to_sign(request)
        request.headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.scope(request)}, "
                                            f"SignedHeaders={self.signed_headers(headers_to_sign)}, Signature={signature}")
        return web_session().post(url, data=data, headers=dict(request.headers), timeout=10)


@pytest.mark.parametrize("minutes, status", [(0, 200), (-20, 400), (20, 400)])
def test_a_clock_that_is_off_is_refused(simulator, minutes, status):
    credentials = Credentials(simulator.settings["AWS_ACCESS_KEY_ID"], simulator.settings["AWS_SECRET_ACCESS_KEY"])
    answer = SkewedAuth(credentials, "ec2", REGION, minutes=minutes).skewed_send(
        simulator.settings["AWS_ENDPOINT_URL"] + "/", "Action=DescribeInstances&Version=2016-11-15",
        {"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == status, answer.text
    assert ("RequestExpired" in answer.text) == (status != 200)


def test_without_a_signature_each_protocol_refuses_in_its_form(simulator):
    url, session = simulator.settings["AWS_ENDPOINT_URL"], web_session()
    json_answer = session.post(url, data="{}", headers={"X-Amz-Target": "AmazonSQS.ListQueues"}, timeout=10)
    assert json_answer.status_code == 403
    assert json_answer.json()["__type"].endswith("#MissingAuthenticationTokenException")
    ec2 = session.post(url, data={"Action": "DescribeInstances", "Version": "2016-11-15"}, timeout=10)
    assert "<Response><Errors><Error><Code>MissingAuthenticationToken</Code>" in ec2.text
    sts = session.post(url, data={"Action": "GetCallerIdentity", "Version": "2011-06-15"}, timeout=10)
    assert "<ErrorResponse" in sts.text and "<Type>Sender</Type>" in sts.text
    route53 = session.get(f"{url}/2013-04-01/hostedzone", timeout=10)
    assert "<ErrorResponse" in route53.text


def test_boto3_finds_the_managers_role_in_instance_metadata(simulator, monkeypatch, tmp_path):
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
                     "AWS_EC2_METADATA_DISABLED", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", simulator.settings["AWS_EC2_METADATA_SERVICE_ENDPOINT"])
    monkeypatch.setenv("AWS_EC2_METADATA_V1_DISABLED", "true")
    client = boto3.Session().client("sts", region_name=REGION, endpoint_url=simulator.settings["AWS_ENDPOINT_URL"],
                                    config=Config(proxies={}))
    assert ":assumed-role/spot-manager/i-" in client.get_caller_identity()["Arn"]


def metadata(simulator, peer):
    """Reads instance metadata from an address of one's own."""
    where = urlsplit(simulator.settings["AWS_EC2_METADATA_SERVICE_ENDPOINT"])

    def call(method, path, headers):
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=10, source_address=(peer, 0))
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    status, token = call("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    assert status == 200
    return lambda path, token=token: call("GET", f"/latest/{path}", {"X-aws-ec2-metadata-token": token})


def test_a_machine_reads_about_itself(simulator):
    ec2 = simulator.client("ec2")
    machine = ec2.run_instances(ImageId="ami-1", InstanceType="t3.micro", MinCount=1, MaxCount=1, UserData="hello",
                                IamInstanceProfile={"Name": "worker"})["Instances"][0]
    read = metadata(simulator, machine["PrivateIpAddress"])
    assert read("meta-data/instance-id") == (200, machine["InstanceId"])
    assert read("meta-data/local-ipv4") == (200, machine["PrivateIpAddress"])
    assert read("meta-data/placement/availability-zone") == (200, "us-east-1a")
    assert read("meta-data/placement/region") == (200, REGION)
    assert read("user-data") == (200, "hello")
    assert read("meta-data/spot/instance-action")[0] == 404
    assert read("meta-data/instance-id", token="forged")[0] == 401
    assert read("meta-data/iam/security-credentials/") == (200, "worker")
    found = json.loads(read("meta-data/iam/security-credentials/worker")[1])
    identity = boto3.client("sts", region_name=REGION, endpoint_url=simulator.settings["AWS_ENDPOINT_URL"],
                            aws_access_key_id=found["AccessKeyId"], aws_secret_access_key=found["SecretAccessKey"],
                            aws_session_token=found["Token"], config=Config(proxies={})).get_caller_identity()
    assert identity["UserId"].endswith(f":{machine['InstanceId']}")
    wrong = boto3.client("sts", region_name=REGION, endpoint_url=simulator.settings["AWS_ENDPOINT_URL"],
                         aws_access_key_id=found["AccessKeyId"], aws_secret_access_key=found["SecretAccessKey"],
                         config=Config(proxies={}))
    assert code_of(wrong.get_caller_identity)[0] == "InvalidClientTokenId"


def test_a_machine_without_a_profile_has_no_role(simulator):
    ec2 = simulator.client("ec2")
    machine = ec2.run_instances(ImageId="ami-1", InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"][0]
    read = metadata(simulator, machine["PrivateIpAddress"])
    assert read("meta-data/iam/security-credentials/")[0] == 404


def test_a_machine_sees_its_notice(simulator):
    ec2 = simulator.client("ec2")
    machine = ec2.run_instances(ImageId="ami-1", InstanceType="t3.micro", MinCount=1, MaxCount=1,
                                InstanceMarketOptions={"MarketType": "spot"})["Instances"][0]
    read = metadata(simulator, machine["PrivateIpAddress"])
    wait_until(lambda: simulator.do(machine["InstanceId"], "notice") is None)
    status, text = read("meta-data/spot/instance-action")
    assert status == 200 and json.loads(text)["action"] == "terminate"
    simulator.do(machine["InstanceId"], "rebalance")
    assert read("meta-data/events/recommendations/rebalance")[0] == 200


def test_metadata_needs_a_token(simulator):
    url = simulator.settings["AWS_EC2_METADATA_SERVICE_ENDPOINT"]
    session = web_session()
    assert session.get(f"{url}/latest/meta-data/instance-id", timeout=10).status_code == 401
    assert session.put(f"{url}/latest/api/token", timeout=10).status_code == 400
    headers = {"X-aws-ec2-metadata-token-ttl-seconds": "21601"}
    assert session.put(f"{url}/latest/api/token", headers=headers, timeout=10).status_code == requests.codes.bad_request
