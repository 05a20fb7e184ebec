"""Signs of trouble that are no notice lead to a replacement, which its users do not feel; some are only noted."""

import pytest

from caller import Caller
from support import Simulator, wait_until
from test_interruptions import NAME, quick_spec, rest, served

# Longer than a machine takes to boot on a busy computer: it counts there too.
PATIENCE = "4s"
PUBLIC = f"{NAME}.{Simulator.ZONE}"


def probed_spec(simulator, **changes):
    """Ready, and well, is what answers HTTP; it may be unwell for so long."""
    port = int(simulator.settings["SIM_MACHINE_PORT"])
    return quick_spec(NAME, readiness={"http": {"port": port, "path": "/"}, "patience": PATIENCE}, **changes)


def replaced_unfelt(simulator, manager, spec, happening):
    """Serves the name and lets something happen to its machine: another one serves it, the first is ended, and somebody
    who calls all the time is answered all the time."""
    manager.register(spec)
    first = served(simulator, manager)
    with Caller(simulator, PUBLIC) as caller:
        happening(first)
        wait_until(lambda: caller.answered_by not in (None, first), what="another machine answers")
        second = served(simulator, manager, other_than=[first])
        rest(simulator, manager, [first, second])
        assert not caller.failures
    return first, second


def test_a_rebalance_recommendation_is_only_noted(simulator, manager):
    manager.register(quick_spec(NAME))
    first = served(simulator, manager)
    simulator.do(first, "rebalance")
    wait_until(lambda: manager.metric("spot_manager_messages_total", kind="rebalance", outcome="handled") == 1,
               what="the recommendation is taken")
    rest(simulator, manager, [first])


def test_a_rebalance_recommendation_is_followed_where_the_spec_says_so(simulator, manager):
    replaced_unfelt(simulator, manager, quick_spec(NAME, on_rebalance="replace"),
                    lambda machine: simulator.do(machine, "rebalance"))


def test_a_machine_is_replaced_at_its_users_word(simulator, manager):
    replaced_unfelt(simulator, manager, quick_spec(NAME),
                    lambda machine: manager.post(f"/instances/{NAME}/replace").raise_for_status())


def test_a_machine_that_aws_will_retire_is_replaced_at_its_word(simulator, manager):
    replaced_unfelt(simulator, manager, quick_spec(NAME),
                    lambda machine: simulator.do(machine, "plan", code="instance-retirement"))


def test_a_planned_change_that_only_the_sweeper_sees(simulator, manager):
    simulator.play({"service": "events", "operation": "AWS Health Event", "fault": "drop"})
    replaced_unfelt(simulator, manager, quick_spec(NAME),
                    lambda machine: simulator.do(machine, "plan", code="instance-stop"))


@pytest.mark.parametrize("check", ["instance", "system"])
def test_a_machine_whose_status_check_fails_is_replaced(simulator, manager, check):
    replaced_unfelt(simulator, manager, quick_spec(NAME, readiness={"patience": PATIENCE}),
                    lambda machine: simulator.do(machine, "impair", check=check))


@pytest.mark.parametrize("answer", ["error", "reset"])
def test_a_machine_that_answers_no_more_is_replaced(simulator, manager, answer):
    manager.register(probed_spec(simulator))
    first = served(simulator, manager)
    simulator.do(first, "web", answer=answer)
    second = served(simulator, manager, other_than=[first])
    rest(simulator, manager, [first, second])


def test_an_address_that_changes_under_a_living_machine_is_followed(simulator, manager):
    manager.register(quick_spec(NAME))
    first = served(simulator, manager)
    ec2 = simulator.client("ec2")
    made = ec2.allocate_address(Domain="vpc")
    ec2.associate_address(AllocationId=made["AllocationId"], InstanceId=first)
    wait_until(lambda: simulator.dig(PUBLIC) == [made["PublicIp"]], what="the name follows")
    rest(simulator, manager, [first])
