"""The simulator's Route53 and DNS, driven by boto3, the AWS CLI and dig."""

import subprocess

import pytest
from botocore.exceptions import ClientError

from support import Simulator, wait_until
from wire import watch


@pytest.fixture
def route53(simulator):
    client = simulator.client("route53")
    unknown = watch(client)
    yield client
    assert not unknown, "elements that AWS does not have"


@pytest.fixture
def zone(simulator):
    return simulator.settings["SIM_ZONE_ID"]


def change(route53, zone, action, name, *values, kind="A", ttl=30):
    return route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Comment": "a test", "Changes": [{
        "Action": action, "ResourceRecordSet": {
            "Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}}]})["ChangeInfo"]


def in_sync(route53, info):
    wait_until(lambda: route53.get_change(Id=info["Id"])["ChangeInfo"]["Status"] == "INSYNC", what="the change is in sync")


def refused(call, *arguments, **named):
    with pytest.raises(ClientError) as error:
        call(*arguments, **named)
    return error.value.response


def dig(simulator, *words):
    asked = subprocess.run(["dig", f"@{simulator.settings['SIM_DNS_ADDRESS']}", "-p", simulator.settings["SIM_DNS_PORT"],
                            "+tries=1", "+time=5", "+norec", *words], capture_output=True, text=True, timeout=20)
    assert asked.returncode == 0, asked.stdout
    assert "WARNING" not in asked.stdout and "malformed" not in asked.stdout.lower(), asked.stdout
    return asked.stdout


def test_a_record_from_upsert_to_deletion(route53, simulator, zone):
    name = f"a.{Simulator.ZONE}"
    info = change(route53, zone, "UPSERT", name, "127.32.0.1")
    assert info["Status"] == "PENDING"
    listed = route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName=name)["ResourceRecordSets"]
    assert listed == [{"Name": f"{name}.", "Type": "A", "TTL": 30, "ResourceRecords": [{"Value": "127.32.0.1"}]}]
    in_sync(route53, info)
    answer = dig(simulator, name.upper(), "A")
    assert "status: NOERROR" in answer and " aa" in answer and "127.32.0.1" in answer
    assert "127.32.0.1" in dig(simulator, "+tcp", "+noedns", name, "A")
    wrong = refused(change, route53, zone, "DELETE", name, "127.32.0.2")
    assert wrong["Error"]["Code"] == "InvalidChangeBatch"
    in_sync(route53, change(route53, zone, "DELETE", name, "127.32.0.1"))
    assert "status: NXDOMAIN" in dig(simulator, name, "A")


def test_dns_tells_missing_names_from_missing_types(route53, simulator, zone):
    in_sync(route53, change(route53, zone, "CREATE", f"b.{Simulator.ZONE}", "127.32.0.3"))
    answer = dig(simulator, f"b.{Simulator.ZONE}", "AAAA")
    assert "status: NOERROR" in answer and "ANSWER: 0" in answer and "SOA" in answer
    answer = dig(simulator, f"nobody.{Simulator.ZONE}", "A")
    assert "status: NXDOMAIN" in answer and "SOA" in answer
    assert "status: REFUSED" in dig(simulator, "example.org", "A")
    assert "awsdns-hostmaster" in dig(simulator, Simulator.ZONE, "SOA")
    assert "ns-1.awsdns-sim.com." in dig(simulator, Simulator.ZONE, "NS")


def test_other_types_are_served(route53, simulator, zone):
    in_sync(route53, change(route53, zone, "UPSERT", f"t.{Simulator.ZONE}", '"one two" "three"', kind="TXT"))
    in_sync(route53, change(route53, zone, "UPSERT", f"c.{Simulator.ZONE}", f"t.{Simulator.ZONE}", kind="CNAME"))
    in_sync(route53, change(route53, zone, "UPSERT", f"*.w.{Simulator.ZONE}", "::1", kind="AAAA"))
    assert '"one two" "three"' in dig(simulator, f"c.{Simulator.ZONE}", "TXT")
    assert "::1" in dig(simulator, f"x.w.{Simulator.ZONE}", "AAAA")


def test_a_batch_is_all_or_nothing(route53, zone):
    def entry(action, name, value):
        return {"Action": action, "ResourceRecordSet": {
            "Name": f"{name}.{Simulator.ZONE}", "Type": "A", "TTL": 1, "ResourceRecords": [{"Value": value}]}}
    wrong = refused(route53.change_resource_record_sets, HostedZoneId=zone, ChangeBatch={"Changes": [
        entry("UPSERT", "x", "127.0.0.1"), entry("UPSERT", "y", "NONE"), entry("DELETE", "z", "127.0.0.1")]})
    assert wrong["Error"]["Code"] == "InvalidChangeBatch"
    assert "y.lms" in wrong["Error"]["Message"] or "NONE" in wrong["Error"]["Message"]
    assert "z.lms" in wrong["Error"]["Message"]
    assert len(route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]) == 2


def test_lists_are_paged_in_order_of_reversed_labels(route53, zone):
    for label in ("b", "a", "z.a"):
        change(route53, zone, "UPSERT", f"{label}.{Simulator.ZONE}", "127.0.0.1")
    pages = list(route53.get_paginator("list_resource_record_sets").paginate(
        HostedZoneId=zone, PaginationConfig={"PageSize": 2}))
    names = [record["Name"] for page in pages for record in page["ResourceRecordSets"]]
    assert len(pages) == 3
    assert names == [f"{Simulator.ZONE}."] * 2 + [f"{label}.{Simulator.ZONE}." for label in ("a", "z.a", "b")]


def test_zones_come_and_go(route53):
    public = route53.create_hosted_zone(Name="new.example.net", CallerReference="1")["HostedZone"]
    private = route53.create_hosted_zone(Name="new.example.net", CallerReference="2",
                                         VPC={"VPCRegion": "us-east-1", "VPCId": "vpc-1"})["HostedZone"]
    assert [public["Config"]["PrivateZone"], private["Config"]["PrivateZone"]] == [False, True]
    by_name = route53.list_hosted_zones_by_name(DNSName="new.example.net")["HostedZones"]
    assert {zone["Id"] for zone in by_name if zone["Name"] == "new.example.net."} == {public["Id"], private["Id"]}
    assert route53.get_hosted_zone(Id=private["Id"])["VPCs"] == [{"VPCRegion": "us-east-1", "VPCId": "vpc-1"}]
    assert route53.get_hosted_zone(Id=public["Id"])["DelegationSet"]["NameServers"]
    pages = route53.get_paginator("list_hosted_zones").paginate(PaginationConfig={"PageSize": 3})
    assert sum(len(page["HostedZones"]) for page in pages) == 4
    first = route53.list_hosted_zones_by_name(MaxItems="1")
    assert first["IsTruncated"] and first["NextDNSName"]
    assert refused(route53.create_hosted_zone, Name="x.org", CallerReference="1")["Error"]["Code"] == "HostedZoneAlreadyExists"
    change(route53, public["Id"], "UPSERT", "a.new.example.net", "127.0.0.1")
    assert refused(route53.delete_hosted_zone, Id=public["Id"])["Error"]["Code"] == "HostedZoneNotEmpty"
    route53.delete_hosted_zone(Id=private["Id"])
    assert refused(route53.get_hosted_zone, Id=private["Id"])["Error"]["Code"] == "NoSuchHostedZone"
    assert refused(route53.get_change, Id="C0")["Error"]["Code"] == "NoSuchChange"


def test_the_command_line_drives_it(simulator, zone):
    batch = ('{"Changes":[{"Action":"UPSERT","ResourceRecordSet":{"Name":"cli.lms.example.com","Type":"A","TTL":5,'
             '"ResourceRecords":[{"Value":"127.32.0.9"}]}}]}')
    info = simulator.aws("route53", "change-resource-record-sets", "--hosted-zone-id", zone, "--change-batch", batch)
    assert info["ChangeInfo"]["Status"] == "PENDING"
    assert wait_until(lambda: simulator.dig("cli.lms.example.com")) == ["127.32.0.9"]
    assert len(simulator.aws("route53", "list-hosted-zones")["HostedZones"]) == 2
