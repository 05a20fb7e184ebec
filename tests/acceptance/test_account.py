"""deploy/cloudformation.yaml gives the manager what it calls and nothing else, and the README's steps to a real account
can be followed: word by word, with the AWS CLI, against moto."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support import Program, boto_client, clean_environment, free_port, wait_until, web_session

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "deploy" / "cloudformation.yaml"
TAG = "spot-manager:store"


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as the text that they hold."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: f"{suffix}:{loader.construct_scalar(node)}")


@pytest.fixture(scope="module")
def resources():
    return yaml.load(TEMPLATE.read_text(), Loader)["Resources"]


def as_list(value):
    return value if isinstance(value, list) else [value]


@pytest.fixture(scope="module")
def manager_may(resources):
    return resources["ManagerPolicy"]["Properties"]["PolicyDocument"]["Statement"]


def called_operations():
    """IAM's names of every call that src/aws can build."""
    calls = re.compile(r'\b(ec2|sqs|route53)_call\(\s*"(\w+)"|build_describe\("(\w+)"')
    for path in (ROOT / "src" / "aws").glob("*.cpp"):
        for service, operation, described in calls.findall(path.read_text()):
            # A batch needs the permission of its single call.
            yield f"{service or 'ec2'}:{(operation or described).removesuffix('Batch')}"


def test_the_manager_may_do_what_it_calls_and_nothing_else(manager_may):
    called = set(called_operations())
    assert {"sqs:ReceiveMessage", "sqs:DeleteMessage", "ec2:DescribeInstances", "route53:GetChange"} <= called
    allowed = {action for statement in manager_may for action in as_list(statement["Action"])}
    # A machine's role is passed by whatever launches it, and a fleet launches by RunInstances; sts:GetCallerIdentity
    # needs no permission.
    assert allowed == called | {"iam:PassRole", "ec2:RunInstances"}
    assert all(statement["Effect"] == "Allow" for statement in manager_may)


def test_whatever_changes_something_is_bound_to_resources(manager_may):
    for statement in manager_may:
        if "*" in as_list(statement["Resource"]):
            assert all(re.match(r"\w+:(Describe|List)", action) for action in as_list(statement["Action"])), statement


@pytest.mark.parametrize("action, tags", [
    ("ec2:CreateTags", "aws:RequestTag"), ("ec2:CancelSpotInstanceRequests", "aws:ResourceTag"),
    ("ec2:TerminateInstances", "aws:ResourceTag"), ("ec2:CreateLaunchTemplate", "aws:RequestTag"),
    ("ec2:CreateLaunchTemplateVersion", "aws:ResourceTag"), ("ec2:DeleteLaunchTemplate", "aws:ResourceTag"),
    ("ec2:DeregisterImage", "aws:ResourceTag"), ("ec2:DeleteSnapshot", "aws:ResourceTag")])
def test_only_what_carries_our_tag_is_changed(manager_may, action, tags):
    assert f'"{TAG}"' in (ROOT / "src" / "manager" / "translate.hpp").read_text(), "the tag that the manager sets"
    for statement in manager_may:
        if action in as_list(statement["Action"]):
            assert statement["Condition"] == {"Null": {f"{tags}/{TAG}": "false"}}


def test_only_addresses_are_written_to_dns(manager_may):
    [statement] = [one for one in manager_may if one["Action"] == "route53:ChangeResourceRecordSets"]
    types = statement["Condition"]["ForAllValues:StringEquals"]["route53:ChangeResourceRecordSetsRecordTypes"]
    assert types == ["A"]


def test_only_the_rules_of_ec2s_and_healths_events_may_send_to_the_queue(resources):
    [statement] = resources["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Principal"], statement["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": ["GetAtt:EventRule.Arn", "GetAtt:HealthRule.Arn"]}}
    assert resources["EventRule"]["Properties"]["EventPattern"]["source"] == ["aws.ec2"]
    planned = resources["HealthRule"]["Properties"]["EventPattern"]
    assert (planned["source"], planned["detail"]["service"]) == (["aws.health"], ["EC2"])


def test_machines_may_only_report(resources):
    [policy] = resources["MachineRole"]["Properties"]["Policies"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement == {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "GetAtt:Queue.Arn"}


def test_cloudformation_accepts_the_template():
    linted = subprocess.run([Path(sys.executable).parent / "cfn-lint", TEMPLATE], capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout


def readme_steps():
    """What the README tells to type, but for the lines that set up and build."""
    section = (ROOT / "README.md").read_text().partition("## Running it on AWS")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return "".join(re.sub(r"^deploy/.*\n", "", block, flags=re.MULTILINE) for block in blocks)


@pytest.fixture
def account(moto_server, tmp_path, build):
    """An account to follow the README's steps in, and the program that does: it ends as the manager."""
    boto_client("iam", moto_server.url).create_role(RoleName="spot-manager", AssumeRolePolicyDocument="{}")
    for folder in ("deploy", "config"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "build").symlink_to(build)
    address = f"127.0.0.1:{free_port()}"
    environment = clean_environment(tmp_path, **moto_server.aws_settings, SPOT_MANAGER_STORE=str(tmp_path / "store"),
                                    SPOT_MANAGER_LISTEN=address)
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    script = ["bash", "-euo", "pipefail", "-c", readme_steps().replace("build/src/spot-manager", "exec build/src/spot-manager")]
    with Program(script, environment, tmp_path / "steps.log", tmp_path) as steps:
        yield Account(moto_server.url, f"http://{address}", steps)


class Account:
    REGION = "eu-west-1"  # the README's

    def __init__(self, url, manager_url, steps):
        self.url = url
        self.manager_url = manager_url
        self.steps = steps

    def client(self, service):
        return boto_client(service, self.url, region=self.REGION)


def test_the_readmes_steps_make_an_account_in_which_a_manager_runs(account, tmp_path):
    def ready():
        assert account.steps.running, account.steps.said()
        return web_session().get(f"{account.manager_url}/readyz", timeout=5).ok

    wait_until(ready, timeout=60, what="the README's steps are done and the manager is ready")
    [stack] = account.client("cloudformation").describe_stacks(StackName="spot-manager")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    attached = account.client("iam").list_attached_role_policies(RoleName="spot-manager")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [outputs["ManagerPolicy"]]

    tokens = tmp_path / "tokens"
    assert tokens.stat().st_mode & 0o077 == 0
    assert_queue_keeps_what_fails(account, outputs["QueueUrl"])
    assert_events_arrive(account, web_session(tokens.read_text().split()[1]))
    assert account.steps.end() == 0


def assert_queue_keeps_what_fails(account, queue):
    asked = account.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
    attributes = asked["Attributes"]
    assert attributes["MessageRetentionPeriod"] == str(14 * 24 * 3600)
    assert json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"].endswith(":spot-manager-dead-letters")


def assert_events_arrive(account, session):
    notice = {"Source": "aws.ec2", "DetailType": "EC2 Spot Instance Interruption Warning",
              "Detail": json.dumps({"instance-id": "i-0123456789abcdef0", "instance-action": "terminate"})}
    other = {**notice, "DetailType": "EC2 Some Other Event"}
    account.client("events").put_events(Entries=[other, notice])

    def messages():
        text = session.get(f"{account.manager_url}/metrics", timeout=5).text
        return [line for line in text.splitlines() if line.startswith("spot_manager_messages_total{")]

    wait_until(lambda: any('kind="interruption"' in line for line in messages()), what="the notice is taken in")
    assert len(messages()) == 1, "the rule sends nothing else"
