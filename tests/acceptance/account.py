"""The simulated account, Route53 and the manager's records, compared name by name."""

from support import Simulator

LIVING = ("pending", "running")
NAME_TAG, TOKEN_TAG = "spot-manager:name", "spot-manager:token"


def by_name(state):
    """Spot requests and machines of each name: one belongs to the name that its tags, or the other's, say."""
    names = {}
    by_request = {machine["spot_request"]: machine for machine in state["machines"]}
    owner = {}
    for request in state["spot_requests"]:
        machine_tags = by_request.get(request["id"], {}).get("tags", {})
        owner[request["id"]] = name = {**machine_tags, **request["tags"]}.get(NAME_TAG, "?")
        names.setdefault(name, ([], []))[0].append(request)
    for machine in state["machines"]:
        name = owner.get(machine["spot_request"]) or machine["tags"].get(NAME_TAG, "?")
        names.setdefault(name, ([], []))[1].append(machine)
    return names


def tokens_of(state):
    """The token of the attempt behind each spot request, and behind each machine that has none of its own."""
    tagged = {request["id"] for request in state["spot_requests"] if TOKEN_TAG in request["tags"]}
    resources = state["spot_requests"] + [machine for machine in state["machines"] if machine["spot_request"] not in tagged]
    return [token for resource in resources if (token := resource["tags"].get(TOKEN_TAG))]


def broken_rules(state, signalled=()):
    """What must never be seen, at whatever moment one looks. `signalled` are machines that a successor is started for."""
    found = []
    tokens = tokens_of(state)
    found += [f"one attempt has two machines: {token}" for token in set(tokens) if tokens.count(token) > 1]
    for name, (requests, machines) in by_name(state).items():
        living = [machine["id"] for machine in machines if machine["state"] in LIVING
                  and not machine["interruption_action"] and machine["id"] not in signalled]
        # One that serves and one that follows it; those that go were left out.
        if len(living) > 2:
            found.append(f"{name} has {len(living)} living machines: {living}")
        waiting = [request["id"] for request in requests if request["state"] == "open"]
        if len(waiting) > 1:
            found.append(f"{name} has {len(waiting)} open spot requests: {waiting}")
    return found


def addresses_in_dns(state):
    """DNS name to addresses, of A records that are the same by the API and by the name servers."""
    found = {}
    for zone in state["zones"]:
        for shown in ("records", "served"):
            for record, values in zone[shown].items():
                name, _, kind = record.partition(" ")
                if kind == "A":
                    found.setdefault(name.rstrip("."), {})[shown] = values
    return {name: seen.get("records") if seen.get("records") == seen.get("served") else seen
            for name, seen in found.items()}


def disagreements(state, instances, retired=()):
    """Every point on which account, DNS and the manager's records differ; none when the fleet is at rest.
    `instances` maps each name that should be served to what the API says of it."""
    found = broken_rules(state)
    owned = by_name(state)
    dns = addresses_in_dns(state)
    found += [f"{name}: in the account, and nobody's" for name in owned if name not in instances and name not in retired]
    for name, told in instances.items():
        requests, machines = owned.get(name, ([], []))
        living = [machine for machine in machines if machine["state"] in LIVING]
        if told["state"] != "serving":
            found.append(f"{name}: is {told['state']}, since {told['reason']}")
        if [machine["id"] for machine in living] != [told.get("machine")]:
            found.append(f"{name}: is told to be on {told.get('machine')}; "
                         f"the account has {[(machine['id'], machine['state']) for machine in living]}")
            continue
        machine = living[0]
        if machine["tags"].get(NAME_TAG) != name:
            found.append(f"{name}: its machine has the tags {machine['tags']}")
        unfinished = [(request["id"], request["state"]) for request in requests
                      if request["state"] in ("open", "active") and request["machine"] != machine["id"]]
        if unfinished:
            found.append(f"{name}: has further spot requests {unfinished}")
        for side, zone in (("public", Simulator.ZONE), ("private", Simulator.PRIVATE_ZONE)):
            in_dns = dns.get(f"{name}.{zone}")
            address = machine[f"{side}_address"]
            if in_dns != [address]:
                found.append(f"{name}: its {side} address is {address}; in DNS is {in_dns}")
            if told["addresses"].get(side) != address or told["dns"][side].get("address") != address:
                found.append(f"{name}: its {side} address is {address}; told is {told['addresses']}, {told['dns'][side]}")
    for name in retired:
        requests, machines = owned.get(name, ([], []))
        left = [found["id"] for found in machines if found["state"] in LIVING]
        left += [request["id"] for request in requests if request["state"] in ("open", "active")]
        left += [full for zone in (Simulator.ZONE, Simulator.PRIVATE_ZONE) if (full := f"{name}.{zone}") in dns]
        if left:
            found.append(f"{name}: is retired, and there is still {left}")
    return found


def requests_with_machine(simulator, name):
    """The name's spot requests, without those that were cancelled and never had a machine."""
    return [request for request in simulator.spot_requests_of(name)
            if request["machine"] or request["state"] != "cancelled"]


def assert_agreement(simulator, manager, names, retired=()):
    """To be waited for: that all names are served and everything agrees."""
    found = disagreements(simulator.state(), {name: manager.instance(name) for name in names}, retired)
    assert not found, "\n".join(found)
    return True
