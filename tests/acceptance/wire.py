"""Compares raw XML answers with the service models that botocore carries: its parsers pass over what they do not
know, so a misspelt element would go unnoticed."""

from xml.etree import ElementTree


def _name(element):
    return element.tag.rpartition("}")[2]


def _check(element, shape, path, unknown, flat_lists):
    if shape.type_name == "structure":
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for child in element:
            if member := members.get(_name(child)):
                _check(child, member, f"{path}/{_name(child)}", unknown, flat_lists)
            else:
                unknown.add(f"{path}/{_name(child)}")
    elif shape.type_name == "list":
        item = shape.member.serialization.get("name", "item" if flat_lists else "member")
        for child in element:
            if _name(child) != item:
                unknown.add(f"{path}/{_name(child)}")
            _check(child, shape.member, f"{path}/{item}", unknown, flat_lists)


def unknown_elements(operation, body):
    """The paths of a successful answer's elements that the operation's model does not have."""
    unknown = set()
    root = ElementTree.fromstring(body)
    if _name(root) != f"{operation.name}Response" and _name(root) != f"{operation.name}Result":
        unknown.add(_name(root))
    ec2 = operation.service_model.protocol == "ec2"
    for child in list(root):
        if ec2 and _name(child) in ("requestId", "return"):
            root.remove(child)
    if operation.output_shape:
        _check(root, operation.output_shape, operation.name, unknown, ec2)
    return unknown


def watch(client):
    """Makes every successful answer of this client be compared; gives the set in which findings are collected."""
    found = set()

    def compare(operation_model, response_dict, **_):
        if response_dict["status_code"] < 300:
            found.update(unknown_elements(operation_model, response_dict["body"]))

    client.meta.events.register(f"before-parse.{client.meta.service_model.service_id.hyphenize()}", compare)
    return found
