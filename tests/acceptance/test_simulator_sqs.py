"""The simulator's SQS, driven by boto3 and the AWS CLI; botocore checks the form of every answer and every MD5."""

import sys
import threading
import time

import pytest
from botocore.exceptions import ClientError

from support import Program, clean_environment, wait_until


@pytest.fixture
def sqs(simulator):
    return simulator.client("sqs")


@pytest.fixture
def url(simulator):
    return simulator.queue_url


def receive(sqs, url, **arguments):
    return sqs.receive_message(QueueUrl=url, **{"MaxNumberOfMessages": 10, **arguments}).get("Messages", [])


def counts(sqs, url):
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return [int(attributes[f"ApproximateNumberOfMessages{kind}"]) for kind in ("", "NotVisible", "Delayed")]


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_a_message_from_sending_to_deletion(sqs, url):
    attributes = {"kind": {"DataType": "String", "StringValue": "té"}, "raw": {"DataType": "Binary", "BinaryValue": b"\0\1"}}
    sent = sqs.send_message(QueueUrl=url, MessageBody="hé <&>\n", MessageAttributes=attributes)
    [message] = receive(sqs, url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"])
    assert message["MessageId"] == sent["MessageId"]
    assert message["Body"] == "hé <&>\n"
    assert message["MessageAttributes"] == attributes
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert message["Attributes"]["SenderId"].startswith("AIDA")
    assert abs(int(message["Attributes"]["SentTimestamp"]) / 1000 - time.time()) < 60
    assert counts(sqs, url) == [0, 1, 0]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert counts(sqs, url) == [0, 0, 0]


def test_batches_report_each_entry(sqs, url):
    sent = sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": f"m{n}"} for n in range(9)] +
                                  [{"Id": "bad", "MessageBody": "\x01"}])
    assert [entry["Id"] for entry in sent["Failed"]] == ["bad"]
    assert sent["Failed"][0]["Code"] == "InvalidMessageContents"
    messages = receive(sqs, url)
    assert {message["Body"] for message in messages} == {f"m{n}" for n in range(9)}
    hidden = sqs.change_message_visibility_batch(QueueUrl=url, Entries=[
        {"Id": "a", "ReceiptHandle": messages[0]["ReceiptHandle"], "VisibilityTimeout": 0},
        {"Id": "b", "ReceiptHandle": "nonsense", "VisibilityTimeout": 0}])
    assert [entry["Id"] for entry in hidden["Successful"]] == ["a"]
    assert hidden["Failed"][0]["Code"] == "ReceiptHandleIsInvalid"
    gone = sqs.delete_message_batch(QueueUrl=url, Entries=[
        {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)])
    assert len(gone["Successful"]) == 9
    assert counts(sqs, url) == [0, 0, 0]
    assert refused(sqs.send_message_batch, QueueUrl=url, Entries=[]) == "AWS.SimpleQueueService.EmptyBatchRequest"
    assert refused(sqs.delete_message_batch, QueueUrl=url, Entries=[{"Id": "a", "ReceiptHandle": "x"}] * 2) == \
        "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"


def test_a_long_poll_ends_with_the_first_message(sqs, simulator, url):
    found = []
    poll = threading.Thread(target=lambda: found.extend(receive(simulator.client("sqs"), url, WaitTimeSeconds=20)))
    began = time.monotonic()
    poll.start()
    sqs.send_message(QueueUrl=url, MessageBody="now")
    poll.join()
    assert [message["Body"] for message in found] == ["now"]
    assert time.monotonic() - began < 15


def test_a_long_poll_takes_what_becomes_visible(sqs, url):
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=1)
    assert counts(sqs, url) == [0, 0, 1]
    [message] = receive(sqs, url, WaitTimeSeconds=20, VisibilityTimeout=1)
    [again] = receive(sqs, url, WaitTimeSeconds=20, MessageSystemAttributeNames=["ApproximateReceiveCount"])
    assert again["Attributes"] == {"ApproximateReceiveCount": "2"}
    assert again["ReceiptHandle"] != message["ReceiptHandle"]


def test_a_poller_that_is_gone_gets_nothing(sqs, simulator, url, tmp_path):
    """A killed manager must not take messages with it."""
    code = ("import os, boto3; from botocore.config import Config;"
            "sqs = boto3.client('sqs', endpoint_url=os.environ['AWS_ENDPOINT_URL'], config=Config(proxies={}));"
            "sqs.list_queues(); print('ready', flush=True);"
            "sqs.receive_message(QueueUrl=os.environ['QUEUE_URL'], WaitTimeSeconds=20)")
    environment = clean_environment(tmp_path, QUEUE_URL=url, **simulator.aws_settings)
    with Program([sys.executable, "-c", code], environment, tmp_path / "poller.log", tmp_path) as poller:
        wait_until(lambda: "ready" in poller.said(), what="the poller has begun")
        poller.kill()
    sqs.send_message(QueueUrl=url, MessageBody="still here")
    assert [message["Body"] for message in receive(sqs, url)] == ["still here"]


def test_queues_come_and_go(sqs, simulator):
    made = sqs.create_queue(QueueName="second", Attributes={"VisibilityTimeout": "7"})["QueueUrl"]
    assert sqs.get_queue_url(QueueName="second")["QueueUrl"] == made
    assert sqs.list_queues(QueueNamePrefix="sec")["QueueUrls"] == [made]
    assert refused(sqs.create_queue, QueueName="second", Attributes={"VisibilityTimeout": "8"}) == "QueueAlreadyExists"
    sqs.set_queue_attributes(QueueUrl=made, Attributes={"VisibilityTimeout": "9"})
    attributes = sqs.get_queue_attributes(QueueUrl=made, AttributeNames=["VisibilityTimeout", "QueueArn"])["Attributes"]
    assert attributes == {"VisibilityTimeout": "9", "QueueArn": "arn:aws:sqs:us-east-1:123456789012:second"}
    sqs.send_message(QueueUrl=made, MessageBody="x")
    sqs.purge_queue(QueueUrl=made)
    assert counts(sqs, made) == [0, 0, 0]
    sqs.delete_queue(QueueUrl=made)
    assert refused(sqs.get_queue_url, QueueName="second") == "AWS.SimpleQueueService.NonExistentQueue"
    assert refused(sqs.send_message, QueueUrl=made, MessageBody="x") == "AWS.SimpleQueueService.NonExistentQueue"


def test_wrong_calls_are_refused(sqs, url):
    assert refused(sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11) == "InvalidParameterValue"
    assert refused(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=21) == "InvalidParameterValue"
    assert refused(sqs.send_message, QueueUrl=url, MessageBody="x" * 1048577) == "InvalidParameterValue"
    assert refused(sqs.delete_message, QueueUrl=url, ReceiptHandle="nonsense") == "ReceiptHandleIsInvalid"
    assert refused(sqs.list_message_move_tasks, SourceArn="arn:aws:sqs:us-east-1:123456789012:q")


def test_the_command_line_reads_and_writes(simulator, url):
    endpoint = ["--endpoint-url", simulator.settings["AWS_ENDPOINT_URL"], "sqs"]
    simulator.aws(*endpoint, "send-message", "--queue-url", url, "--message-body", "from the shell")
    [message] = simulator.aws(*endpoint, "receive-message", "--queue-url", url)["Messages"]
    assert message["Body"] == "from the shell"
    simulator.aws(*endpoint, "delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])
    assert wait_until(lambda: simulator.state()["queues"][0]["ApproximateNumberOfMessagesNotVisible"] == "0")
