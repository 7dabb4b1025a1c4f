"""What CloudFormation gets: template.yaml after SAM's own transformation, and the properties that must not be lost."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.shared import constants as powertools

import nima
from nima.aws.uri import S3Uri
from nima.catalogue.keys import DEFAULT_PATTERN
from nima.document.composite import STYLES
from nima.document.policy import DEFAULT_RULES
from nima.document.rules import TOLERANCES, VARIABLES, MainImageRules
from nima.errors import ImageTooLarge, InvalidRequest, NotFound, Throttled
from nima.web.evaluation import EVALUATE
from nima.web.response import json_response
from query.routes import ROUTES
from tests.templates import ROOT, as_list, denies_without_tls, of_type, only, read, statements, transformed

SERVICES_WITHOUT_RESOURCES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """The template as written."""
    return read("template.yaml")


@pytest.fixture(scope="module")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    return transformed(template)


def test_roles_allow_named_actions_on_named_resources_only(resources: dict[str, Any]) -> None:
    for role in of_type(resources, "AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role
        for statement in statements(role):
            actions = set(as_list(statement["Action"]))
            assert not [action for action in actions if "*" in action]
            if "*" in as_list(statement["Resource"]):
                assert actions <= SERVICES_WITHOUT_RESOURCES


def test_each_function_may_do_only_what_it_does(resources: dict[str, Any]) -> None:
    def actions(role: str) -> set[str]:
        allowed = {a for s in statements(resources[role]["Properties"]) for a in as_list(s["Action"])}
        return {action for action in allowed if action.startswith(("s3:", "dynamodb:", "sqs:", "events:"))}

    # Query changes no result; it may put pictures as the forms that it signs do.
    assert actions("QueryRole") == {
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }
    assert actions("EvaluateRole") == {
        "dynamodb:BatchGetItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }
    assert actions("ScoreRole") == {
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "events:PutEvents",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "sqs:SendMessage",
    }


def test_the_api_writes_only_below_the_prefix_for_uploads(resources: dict[str, Any]) -> None:
    for role in ("QueryRole", "EvaluateRole"):
        puts = [s for s in statements(resources[role]["Properties"]) if "s3:PutObject" in as_list(s["Action"])]
        (put,) = (s["Resource"] for s in puts if "ThumbnailBucket" not in json.dumps(s["Resource"]))
        assert put == {"Fn::Sub": "${Bucket.Arn}/${UploadPrefix}*"}
    for id in ("QueryFunction", "EvaluateFunction", "ScoreFunction"):
        variables = resources[id]["Properties"]["Environment"]["Variables"]
        assert variables["NIMA_UPLOAD_PREFIX"] == {"Ref": "UploadPrefix"}


def test_the_evaluate_function_reads_pictures_and_keeps_maps_beside_thumbnails(resources: dict[str, Any]) -> None:
    allowed = {s["Sid"]: s for s in statements(resources["EvaluateRole"]["Properties"])}
    assert allowed["ReadPictures"]["Action"] == "s3:GetObject"
    assert allowed["ReadPictures"]["Resource"] == {"Fn::Sub": "${Bucket.Arn}/*"}
    assert allowed["KeepThumbnails"]["Resource"] == {"Fn::Sub": "${ThumbnailBucket.Arn}/*"}


def test_uploads_and_deletions_reach_the_score_function(resources: dict[str, Any]) -> None:
    configurations = resources["Bucket"]["Properties"]["NotificationConfiguration"]["LambdaConfigurations"]

    kinds = ("ObjectCreated", "ObjectRemoved", "LifecycleExpiration")
    assert {c["Event"] for c in configurations} == {f"s3:{kind}:*" for kind in kinds}
    assert {json.dumps(c["Function"]) for c in configurations} == {json.dumps({"Fn::GetAtt": ["ScoreFunction", "Arn"]})}
    allowed = resources["ScoreFunctionPicturesPermission"]["Properties"]
    assert allowed["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_events_that_keep_failing_end_in_an_encrypted_queue_for_two_weeks(resources: dict[str, Any]) -> None:
    invoke = only(resources, "AWS::Lambda::EventInvokeConfig")
    queue = only(resources, "AWS::SQS::Queue")

    assert invoke["FunctionName"] == {"Ref": "ScoreFunction"}
    assert invoke["MaximumRetryAttempts"] == 2
    assert invoke["DestinationConfig"]["OnFailure"] == {"Destination": {"Fn::GetAtt": ["FailureQueue", "Arn"]}}
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert queue["SqsManagedSseEnabled"] is True
    assert denies_without_tls(only(resources, "AWS::SQS::QueuePolicy"))


def test_each_function_has_its_own_role_and_expiring_logs(resources: dict[str, Any]) -> None:
    functions = of_type(resources, "AWS::Lambda::Function")
    groups = of_type(resources, "AWS::Logs::LogGroup")

    roles = [function["Role"]["Fn::GetAtt"][0] for function in functions.values()]
    logs = [function["LoggingConfig"]["LogGroup"]["Ref"] for function in functions.values()]
    assert len(set(roles)) == len(set(logs)) == len(functions)
    for role, group in zip(roles, logs, strict=True):
        (granted,) = (
            s for s in statements(resources[role]["Properties"]) if "logs:PutLogEvents" in as_list(s["Action"])
        )
        assert granted["Resource"] == {"Fn::GetAtt": [group, "Arn"]}
    assert {json.dumps(group["RetentionInDays"]) for group in groups.values()} == {'{"Ref": "LogRetention"}'}


OPEN = {"/", "/page/{file+}", "/health"}
UNKNOWN = "/{unknown+}"


def methods_of(resources: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in only(resources, "AWS::ApiGateway::RestApi")["Body"]["paths"].items():
        for method, definition in methods.items():
            yield path, method, definition


def test_all_but_the_page_and_health_need_a_key_of_a_limited_plan(template: dict[str, Any]) -> None:
    resources = transformed(template, ThrottleRate=3, ThrottleBurst=5, DailyQuota=700)

    for path, method, definition in methods_of(resources):
        is_open = path in OPEN or method == "options"
        assert definition["security"] == ([] if is_open else [{"api_key": []}]), (path, method)
    plan = only(resources, "AWS::ApiGateway::UsagePlan")
    assert plan["Throttle"] == {"RateLimit": 3, "BurstLimit": 5}
    assert plan["Quota"] == {"Limit": 700, "Period": "DAY"}


def test_iam_by_parameter_asks_for_a_signature_besides(template: dict[str, Any]) -> None:
    for path, method, definition in methods_of(transformed(template, Authorizer="AWS_IAM")):
        asked = {name for requirement in definition["security"] for name in requirement}
        assert ("AWS_IAM" in asked) is (method != "options"), (path, method)
        assert ("api_key" in asked) is (path not in OPEN and method != "options"), (path, method)


@pytest.mark.parametrize("authorizer", ["", "AWS_IAM"])
def test_the_gateway_calls_the_functions_itself_whoever_asks(template: dict[str, Any], authorizer: str) -> None:
    """With the caller's credentials it would need callers who may invoke the functions behind its back."""
    for path, method, definition in methods_of(transformed(template, Authorizer=authorizer)):
        assert "credentials" not in definition["x-amazon-apigateway-integration"], (path, method)


@pytest.mark.parametrize("authorizer", ["", "AWS_IAM"])
def test_a_missing_signature_is_refused_and_an_unknown_route_is_the_functions_to_tell(
    template: dict[str, Any], authorizer: str
) -> None:
    """The gateway has one answer for both, so that every path has to be a route."""
    resources = transformed(template, Authorizer=authorizer)
    refusal = gateway_responses(resources)["MISSING_AUTHENTICATION_TOKEN"]

    assert refusal["statusCode"] == "403"
    assert json.loads(refusal["responseTemplates"]["application/json"])["error"]["code"] == "unauthorized"
    (catching,) = (definition for path, _, definition in methods_of(resources) if path == UNKNOWN)
    assert "QueryFunction.Arn" in json.dumps(catching["x-amazon-apigateway-integration"]["uri"])


def test_every_route_of_the_template_is_one_that_the_code_answers(resources: dict[str, Any]) -> None:
    """Compared as the gateway sees them; what lies below a picture comes in by the picture's own route."""
    paths = [operation.path for operation, _ in ROUTES] + [EVALUATE.path]
    answered = {re.sub(r"^(/images/\{key)\}.*", r"\1+}", path) for path in paths}
    answered = {re.sub(r"^/page/.*", "/page/{file+}", path) for path in answered}
    assert {path for path, _, _ in methods_of(resources)} - {UNKNOWN} == answered


def test_preflights_reach_the_functions_and_no_origin_is_let_in_by_default(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    preflights = {path for path, method, _ in methods_of(resources) if method == "options"}

    assert preflights == {path for path, _, _ in methods_of(resources)} - OPEN - {UNKNOWN}
    assert template["Parameters"]["CorsOrigins"]["Default"] == ""
    assert only(resources, "AWS::ApiGateway::RestApi")["BinaryMediaTypes"] == ["*/*"]


def test_api_logs_each_request_as_json_without_the_key_where_that_is_asked_for(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    """An account without API Gateway's log role could not be deployed to else."""
    condition, log, otherwise = only(resources, "AWS::ApiGateway::Stage")["AccessLogSetting"]["Fn::If"]

    assert template["Conditions"][condition] == {"Fn::Equals": [{"Ref": "AccessLogs"}, "on"]}
    assert (template["Parameters"]["AccessLogs"]["Default"], otherwise) == ("off", {"Ref": "AWS::NoValue"})
    assert json.loads(log["Format"])["status"] == "$context.status"
    assert "$context.identity.apiKey" not in json.loads(log["Format"]).values()


def gateway_responses(resources: dict[str, Any]) -> dict[str, Any]:
    body = only(resources, "AWS::ApiGateway::RestApi")["Body"]
    responses: dict[str, Any] = body["x-amazon-apigateway-gateway-responses"]
    return responses


def test_gateway_tells_errors_as_the_functions_do(resources: dict[str, Any]) -> None:
    for name, response in gateway_responses(resources).items():
        body = json.loads(response["responseTemplates"]["application/json"])
        status, code = response.get("statusCode"), body["error"]["code"]
        assert body.keys() == {"error", "request_id"}
        assert body["error"].keys() == {"code", "message"}
        if name not in ("DEFAULT_4XX", "DEFAULT_5XX"):
            told = {(error.code, error.status) for error in (NotFound, Throttled, ImageTooLarge)}
            assert (code, int(status)) in {("unauthorized", 403), *told}


def test_the_gateways_own_answers_have_the_headers_of_the_functions(resources: dict[str, Any]) -> None:
    always = json_response({}).all_headers
    for name, response in gateway_responses(resources).items():
        sent = {header.rpartition(".header.")[2]: value for header, value in response["responseParameters"].items()}
        assert sent == {header: f"'{always[header]}'" for header in sent}, name
        assert sent.keys() == {"Strict-Transport-Security", "X-Content-Type-Options"}, name


def test_functions_read_the_variables_that_the_template_sets(resources: dict[str, Any]) -> None:
    sources = [*(ROOT / "layers/nima/nima").rglob("*.py"), *(ROOT / "functions").glob("*/*.py")]
    read = {
        node.value
        for source in sources
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    known = read | set(VARIABLES) | {value for value in vars(powertools).values() if isinstance(value, str)}

    for id, function in of_type(resources, "AWS::Lambda::Function").items():
        assert not set(function["Environment"]["Variables"]) - known, id


def test_parameters_offer_what_the_code_knows(template: dict[str, Any]) -> None:
    parameters = template["Parameters"]

    assert set(parameters["Style"]["AllowedValues"]) == set(STYLES)
    assert parameters["KeyPattern"]["Default"] == DEFAULT_PATTERN
    assert parameters["MainImageWhiteTolerance"]["AllowedValues"] == list(TOLERANCES)


def test_the_policys_parameters_reach_every_function_and_default_to_its_rules(resources: dict[str, Any]) -> None:
    parameters = read("template.yaml")["Parameters"]
    thresholds = {re.sub(r"(?=[A-Z])", "_", name).upper(): name for name in parameters if name.startswith("MainImage")}
    assert {f"NIMA{variable}" for variable in thresholds} == set(VARIABLES)
    defaults = {f"NIMA{variable}": str(parameters[name]["Default"]) for variable, name in thresholds.items()}
    assert MainImageRules.from_env(defaults) == DEFAULT_RULES
    assert MainImageRules.from_env(dict.fromkeys(defaults, "1")) == MainImageRules(1, 1, 1, 1, 1, 1, 1, 1)
    for id, function in of_type(resources, "AWS::Lambda::Function").items():
        set_here = function["Environment"]["Variables"]
        for variable, name in thresholds.items():
            assert set_here[f"NIMA{variable}"] == {"Ref": name}, id


def test_no_concurrency_is_reserved_by_default(template: dict[str, Any], resources: dict[str, Any]) -> None:
    reserved = resources["ScoreFunction"]["Properties"]["ReservedConcurrentExecutions"]

    assert template["Parameters"]["ReservedConcurrency"]["Default"] == 0
    assert template["Conditions"]["LimitsConcurrency"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "ReservedConcurrency"}, 0]}]
    }
    assert reserved == {"Fn::If": ["LimitsConcurrency", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]}


def test_image_is_labelled_with_the_version_of_the_package() -> None:
    dockerfile = (ROOT / "functions/score/Dockerfile").read_text(encoding="utf-8").splitlines()
    assert f"ARG VERSION={nima.__version__}" in dockerfile


def test_every_handler_is_there_and_the_images_own_is_that_of_the_score_function(resources: dict[str, Any]) -> None:
    functions = of_type(resources, "AWS::Lambda::Function")
    handlers = {id: f.get("Handler") or f["ImageConfig"]["Command"][0] for id, f in functions.items()}
    for handler in handlers.values():
        module, _, attribute = handler.rpartition(".")
        found = find_spec(module)
        assert found, handler
        assert f"def {attribute}(" in Path(str(found.origin)).read_text(encoding="utf-8")
    dockerfile = (ROOT / "functions/score/Dockerfile").read_text(encoding="utf-8")
    assert f'CMD ["{handlers["ScoreFunction"]}"]' in dockerfile


def test_a_message_in_the_failure_queue_raises_an_alarm() -> None:
    monitoring = read("infra/monitoring.yaml")["Resources"]
    alarm = monitoring["FailedEventsAlarm"]["Properties"]

    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Ref": "FailureQueueName"}}]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)


def test_every_alarm_reaches_whoever_is_to_hear_it_and_says_what_to_do() -> None:
    alarms = of_type(read("infra/monitoring.yaml")["Resources"], "AWS::CloudWatch::Alarm")
    notifies = [{"Fn::If": ["Notifies", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}] * 2
    for name, alarm in alarms.items():
        assert [alarm.get("AlarmActions"), alarm.get("OKActions")] == notifies, name
        assert alarm["AlarmDescription"], name


def test_a_model_in_s3_may_be_read_and_only_under_its_prefix(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    policy = resources["ModelPolicy"]
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]

    assert policy["Condition"] == "FetchesModel"
    assert template["Conditions"]["FetchesModel"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "ModelUri"}, ""]}]}
    assert (statement["Effect"], statement["Action"]) == ("Allow", "s3:GetObject")
    arn, values = statement["Resource"]["Fn::Sub"]
    assert arn == "arn:${AWS::Partition}:s3:::${Place}/*"
    assert values["Place"] == {"Fn::Select": [1, {"Fn::Split": ["s3://", {"Ref": "ModelUri"}]}]}


def test_a_key_may_be_used_by_the_functions_that_read_pictures_and_only_through_s3(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    policy = resources["KeyPolicy"]
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]

    assert template["Conditions"][policy["Condition"]] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "KmsKeyArn"}, ""]}]}
    assert policy["Properties"]["Roles"] == [{"Ref": "ScoreRole"}, {"Ref": "EvaluateRole"}]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "kms:Decrypt")
    assert statement["Resource"] == {"Ref": "KmsKeyArn"}
    via = {"Fn::Sub": "s3.${AWS::Region}.${AWS::URLSuffix}"}
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": via}}


@pytest.mark.parametrize(
    ("parameter", "value", "allowed"),
    [
        ("KmsKeyArn", "", True),
        ("KmsKeyArn", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", True),
        ("KmsKeyArn", "arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab", True),
        ("KmsKeyArn", "arn:aws:kms:eu-central-1:111122223333:key/*", False),
        ("KmsKeyArn", "arn:aws:kms:eu-central-1:111122223333:alias/pictures", False),
        ("KmsKeyArn", "*", False),
        ("BucketName", "", True),
        ("BucketName", "shop-pictures", True),
        ("BucketName", "*", False),
        ("BucketName", "Shop", False),
        ("BucketName", "shop/pictures", False),
        ("UploadPrefix", "", True),  # what stacks have whose keys begin as they like
        ("UploadPrefix", "incoming/", True),
        ("UploadPrefix", "incoming", False),
    ],
)
def test_parameters_take_what_a_policy_may_name(
    template: dict[str, Any], parameter: str, value: str, allowed: bool
) -> None:
    assert bool(re.fullmatch(template["Parameters"][parameter]["AllowedPattern"], value)) is allowed


@pytest.mark.parametrize(
    ("uri", "allowed"),
    [
        ("", True),
        ("s3://models/nima/nima-own/1", True),
        ("s3://models", False),
        ("s3://models/*", False),
        ("s3://models/${AWS::AccountId}", False),
    ],
)
def test_the_template_takes_the_uris_that_the_code_takes(template: dict[str, Any], uri: str, allowed: bool) -> None:
    assert bool(re.fullmatch(template["Parameters"]["ModelUri"]["AllowedPattern"], uri)) is allowed
    if uri and not allowed:
        with pytest.raises(InvalidRequest):
            S3Uri.of(uri)
