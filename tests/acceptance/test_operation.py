"""How the manager begins, and how it rides out what fails around it."""

import pytest

from support import Manager, spec_for, wait_until, web_session


@pytest.fixture
def start(build, simulator, tmp_path):
    """Starts a manager with other settings than the simulator's."""
    started = []

    def start(queue=None, **aws_settings):
        manager = Manager(build / "src" / "spot-manager", tmp_path, {**simulator.aws_settings, **aws_settings},
                          queue or simulator.queue_url)
        started.append(manager)
        return manager.start()

    yield start
    for manager in started:
        manager.end()


def probe(manager, path):
    answer = manager.reader.get(manager.url + path, timeout=5)
    return answer.status_code, answer.json()["checks"]


@pytest.mark.parametrize("queue,aws_settings,sentence", [
    ("not-there", {}, 'the queue "not-there" cannot be found in region us-east-1 (sqs:GetQueueUrl)'),
    (None, {"AWS_SECRET_ACCESS_KEY": "wrong"}, "the credentials cannot be used (sts:GetCallerIdentity)"),
    (None, {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"},
     "the credentials cannot be used"),
    ("https://sqs.eu-west-1.amazonaws.com/123456789012/spot-manager", {}, "is in region eu-west-1"),
    (None, {"AWS_ENDPOINT_URL": "nonsense"}, "`nonsense` is not an http or https URL"),
])
def test_a_mistake_of_the_configuration_ends_it_with_a_sentence(start, queue, aws_settings, sentence):
    manager = start(queue, **aws_settings)
    assert manager.process.wait(timeout=30) == 2
    last = manager.said().strip().splitlines()[-1]
    assert last.startswith("spot-manager: ")
    assert sentence in last


def test_what_may_pass_is_waited_for_at_the_start(start, simulator):
    simulator.play({"service": "sts", "fault": "unavailable"})
    manager = start()
    def said():
        status, checks = probe(manager, "/readyz")
        return status == 503 and "sts:GetCallerIdentity" in checks["start"]
    wait_until(said, what="/readyz says what is waited for")
    assert probe(manager, "/healthz")[0] == 200
    simulator.be_kind()
    manager.wait_until_up()


def test_an_outage_of_everything_is_ridden_out(simulator, manager):
    manager.register(spec_for("lms-chen"))
    manager.wait_for_state("lms-chen", "serving")
    simulator.play({"service": "*", "operation": "*", "fault": "unavailable"})
    wait_until(lambda: probe(manager, "/readyz")[1]["queue"] != "ok", timeout=40, what="/readyz says that the queue is away")
    assert manager.running
    assert probe(manager, "/healthz")[0] == 200
    simulator.be_kind()
    manager.wait_until_up()
    manager.register(spec_for("lms-wang"))
    manager.wait_for_state("lms-wang", "serving", timeout=60)


def test_every_answer_of_the_probes_is_open(manager):
    for path in ("/healthz", "/readyz"):
        assert web_session().get(manager.url + path, timeout=5).status_code == 200
    assert set(probe(manager, "/readyz")[1]) >= {"queue", "store", "credentials"}
