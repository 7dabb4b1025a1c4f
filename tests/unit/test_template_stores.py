"""The stores of template.yaml: private, encrypted, kept, and the same ones after an update."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID

from nima.local.template import Template
from tests.mocked import mocked_aws
from tests.templates import ROOT, as_list, denies_without_tls, of_type, only, read, statements, transformed

REGION = "eu-central-1"
PICTURES = "${AWS::StackName}-pictures-${AWS::AccountId}-${AWS::Region}"

# As stacks have them that were made when the bucket's name could not be chosen yet.
EARLIER: dict[str, dict[str, Any]] = {
    "Bucket": {
        "Type": "AWS::S3::Bucket",
        "Properties": {"BucketName": {"Fn::Sub": PICTURES}},
    },
    "Table": {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "key", "AttributeType": "S"},
                {"AttributeName": "collection", "AttributeType": "S"},
                {"AttributeName": "category", "AttributeType": "S"},
                {"AttributeName": "score", "AttributeType": "N"},
            ],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by_collection",
                    "KeySchema": [
                        {"AttributeName": "collection", "KeyType": "HASH"},
                        {"AttributeName": "key", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                },
                {
                    "IndexName": "by_category",
                    "KeySchema": [
                        {"AttributeName": "category", "KeyType": "HASH"},
                        {"AttributeName": "score", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                },
            ],
        },
    },
}
# Not in the schema: an index that is made anew is empty for a while, and so are rankings.
KEPT_BESIDES = {"Bucket": [], "Table": ["AttributeDefinitions", "GlobalSecondaryIndexes"]}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """The template as written."""
    return read("template.yaml")


@pytest.fixture(scope="module")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    return transformed(template)


def resolved(template: dict[str, Any], value: Any) -> Any:
    """A value with the branch that its conditions take where no parameter is given."""
    if isinstance(value, list):
        return [resolved(template, item) for item in value]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        condition, yes, no = value["Fn::If"]
        return resolved(template, yes if holds(template, template["Conditions"][condition]) else no)
    return {name: resolved(template, item) for name, item in value.items()}


def holds(template: dict[str, Any], condition: dict[str, Any]) -> bool:
    ((name, operands),) = condition.items()
    if name == "Fn::Not":
        return not holds(template, operands[0])
    assert name == "Fn::Equals"
    one, other = (template["Parameters"][o["Ref"]]["Default"] if isinstance(o, dict) else o for o in operands)
    return bool(str(one) == str(other))


def fixed_properties(kind: str) -> list[str]:
    """The properties with which CloudFormation makes a resource anew when they change."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # takes a second, which every process would wait for

    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    paths = [*schema["createOnlyProperties"], *schema.get("conditionalCreateOnlyProperties", [])]
    return [path.removeprefix("/properties/").partition("/")[0] for path in paths]


@pytest.mark.parametrize("id", ["Bucket", "Table"])
def test_an_update_of_an_earlier_stack_replaces_neither_bucket_nor_table(
    template: dict[str, Any], resources: dict[str, Any], id: str
) -> None:
    earlier, now = EARLIER[id], resources[id]
    assert now["Type"] == earlier["Type"]
    compared = {*fixed_properties(now["Type"]), *KEPT_BESIDES[id]}
    assert compared & {"BucketName", "KeySchema"}
    for name in compared:
        assert resolved(template, now["Properties"].get(name)) == earlier["Properties"].get(name), name


def test_what_a_stack_stores_outlives_it_but_a_failed_first_deployment_can_be_repeated(
    resources: dict[str, Any],
) -> None:
    stores = [id for id, r in resources.items() if r["Type"] in ("AWS::S3::Bucket", "AWS::DynamoDB::Table")]
    assert set(stores) == {"Bucket", "Table", "ThumbnailBucket"}
    for id in stores:
        assert resources[id]["DeletionPolicy"] == "RetainExceptOnCreate", id
        assert resources[id]["UpdateReplacePolicy"] == "Retain", id


def test_every_bucket_is_private_and_encrypted_and_takes_tls_only(resources: dict[str, Any]) -> None:
    for id, bucket in of_type(resources, "AWS::S3::Bucket").items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, id
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4, id
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}], id
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"], id
        policies = [p for p in of_type(resources, "AWS::S3::BucketPolicy").values() if p["Bucket"] == {"Ref": id}]
        assert [denies_without_tls(policy) for policy in policies] == [True], id
    assert resources["Bucket"]["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}


def test_no_function_is_told_of_thumbnails(resources: dict[str, Any]) -> None:
    """The score function would make a thumbnail of each."""
    buckets = of_type(resources, "AWS::S3::Bucket")
    assert buckets.keys() == {"Bucket", "ThumbnailBucket"}
    assert {id for id, bucket in buckets.items() if "NotificationConfiguration" in bucket} == {"Bucket"}


def test_each_role_may_do_with_thumbnails_what_its_function_does(resources: dict[str, Any]) -> None:
    everything = {"Fn::Sub": "${ThumbnailBucket.Arn}/*"}
    bucket = {"Fn::GetAtt": ["ThumbnailBucket", "Arn"]}
    writes = [("s3:DeleteObject", everything), ("s3:PutObject", everything)]
    for role, allowed in {
        "ScoreRole": writes,
        "EvaluateRole": writes,
        "QueryRole": [("s3:GetObject", everything), ("s3:ListBucket", bucket)],
    }.items():
        assert allowed == sorted(
            (action, statement["Resource"])
            for statement in statements(resources[role]["Properties"])
            if "ThumbnailBucket" in json.dumps(statement["Resource"])
            for action in as_list(statement["Action"])
        ), role
        for statement in statements(resources[role]["Properties"]):
            if "s3:DeleteObject" in as_list(statement["Action"]):
                assert statement["Resource"] == everything, role


def test_table_is_on_demand_recoverable_and_encrypted(resources: dict[str, Any]) -> None:
    table = only(resources, "AWS::DynamoDB::Table")

    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mocked_aws():
        yield boto3.client("cloudformation", region_name=REGION)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [({}, f"nima-pictures-{DEFAULT_ACCOUNT_ID}-{REGION}"), ({"BucketName": "shop-pictures"}, "shop-pictures")],
)
def test_the_bucket_has_the_name_that_was_chosen_and_every_function_knows_it(
    cloudformation: Any, parameters: dict[str, str], name: str
) -> None:
    wiring = Template(ROOT)
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    cloudformation.create_stack(StackName="nima", TemplateBody=json.dumps(wiring.stores()), Parameters=given)
    (stack,) = cloudformation.describe_stacks(StackName="nima")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    detail = cloudformation.describe_stack_resource(StackName="nima", LogicalResourceId="Bucket")
    assert detail["StackResourceDetail"]["PhysicalResourceId"] == name
    environments = [spec.environment for spec in wiring.functions(outputs)]
    assert {environment["BUCKET_NAME"] for environment in environments} == {name}
    (thumbnails,) = {environment["THUMBNAIL_BUCKET_NAME"] for environment in environments}
    assert boto3.client("s3", region_name=REGION).head_bucket(Bucket=thumbnails)
    assert thumbnails != name


def test_bucket_name_is_spelled_out_where_a_reference_would_close_a_circle(resources: dict[str, Any]) -> None:
    name = resources["Bucket"]["Properties"]["BucketName"]
    score = json.dumps([resources["ScoreFunction"], resources["ScoreRole"]])

    for id in ("ScoreFunction", "QueryFunction", "EvaluateFunction"):
        assert resources[id]["Properties"]["Environment"]["Variables"]["BUCKET_NAME"] == name, id
    granted = {
        statement["Sid"]: statement["Resource"]
        for statement in statements(resources["ScoreRole"]["Properties"])
        if any(action.startswith("s3:") for action in as_list(statement["Action"]))
        and "ThumbnailBucket" not in json.dumps(statement["Resource"])
    }
    arn = "arn:${AWS::Partition}:s3:::${Name}"
    assert granted == {
        "ReadPictures": {"Fn::Sub": [arn + "/*", {"Name": name}]},
        "SeeThatAPictureIsGone": {"Fn::Sub": [arn, {"Name": name}]},
    }
    assert '"Ref": "Bucket"' not in score
    assert '"Fn::GetAtt": ["Bucket"' not in score
    assert "${Bucket." not in score
