"""Service Catalog for end users: who sees a product, launches it, changes and ends what he launched."""

from __future__ import annotations

import json

import pytest
from cloudformation_steps import refused
from servicecatalog_steps import (
    END_USER,
    SECOND,
    TEMPLATE,
    Product,
    ended,
    failed,
    make_role,
    make_user,
    parameters,
    succeeded,
)
from tarn_server import REGION


@pytest.fixture(scope="module")
def bucket(server):
    s3 = server.client("s3")
    s3.create_bucket(
        Bucket="launch-templates", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    return "launch-templates"


@pytest.fixture
def product(server, bucket, unique):
    """One that is launched under a role of its own."""
    made = Product(server, bucket, unique)
    made.constrain("LAUNCH", {"RoleArn": make_role(server, unique("launch"))})
    return made


@pytest.fixture
def user(server, unique):
    """Arn and clients of a user who has an end user's rights only."""
    return make_user(server, unique("analyst"), END_USER)


def provision(catalog, product, name, version=None, **values):
    return catalog.provision_product(
        ProductId=product.id,
        ProvisioningArtifactId=version or product.v1,
        ProvisionedProductName=name,
        ProvisioningParameters=parameters(Team=name, **values),
    )


def test_a_user_launches_changes_and_ends_a_product(client, product, user, unique):
    arn, mine = user
    catalog = mine("servicecatalog")
    product.admit(arn)
    name = unique("stream")
    (seen,) = catalog.search_products()["ProductViewSummaries"]
    assert (seen["ProductId"], seen["Name"], seen["HasDefaultPath"]) == (
        product.id,
        product.name,
        True,
    )
    described = catalog.describe_product(Name=product.name)
    assert [v["Name"] for v in described["ProvisioningArtifacts"]] == ["v1"]
    assert (
        catalog.describe_product_view(Id=product.view_id)["ProductViewSummary"]["Id"] == seen["Id"]
    )
    (path,) = catalog.list_launch_paths(ProductId=product.id)["LaunchPathSummaries"]
    assert path["ConstraintSummaries"] == [{"Type": "LAUNCH"}]
    assert path["Tags"] == [{"Key": "cost", "Value": "data"}]
    asked = catalog.describe_provisioning_parameters(
        ProductId=product.id, ProvisioningArtifactId=product.v1, PathId=path["Id"]
    )
    team, shards, secret = asked["ProvisioningArtifactParameters"]
    assert team["ParameterConstraints"]["AllowedPattern"] == "[a-z0-9-]+"
    assert team["ParameterConstraints"]["MaxLength"] == "40"
    assert (shards["DefaultValue"], shards["ParameterConstraints"]["AllowedValues"]) == (
        "1",
        ["1", "2"],
    )
    assert secret["IsNoEcho"] is True
    assert asked["UsageInstructions"] == [{"Type": "instructions", "Value": "A stream for a team"}]
    assert [o["Key"] for o in asked["ProvisioningArtifactOutputs"]] == ["StreamArn"]

    begun = provision(catalog, product, name)
    record = begun["RecordDetail"]
    assert record["Status"] in ("CREATED", "IN_PROGRESS", "SUCCEEDED")
    outputs = succeeded(catalog, begun)
    provisioned = record["ProvisionedProductId"]
    stack = outputs["CloudformationStackARN"].split("/")[1]
    assert stack == f"SC-{outputs['StreamArn'].split(':')[4]}-{provisioned}"
    assert outputs["StreamArn"].endswith(f"stream/sc-{name}")
    tags = {t["Key"]: t["Value"] for t in ended(catalog, begun)["RecordDetail"]["RecordTags"]}
    assert tags["cost"] == "data"
    assert tags["aws:servicecatalog:provisioningPrincipalArn"] == arn
    told = catalog.describe_provisioned_product(Name=name)["ProvisionedProductDetail"]
    assert (told["Status"], told["Id"], told["Type"]) == ("AVAILABLE", provisioned, "CFN_STACK")
    # He may not touch the stack himself, nor look at what it made.
    assert refused(mine("cloudformation").describe_stacks, StackName=stack)[0] == "AccessDenied"
    (shown,) = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    assert {"Key": "cost", "Value": "data"} in shown["Tags"]
    # The stack and what it made tell of whom they are.
    made = client("kinesis").list_tags_for_stream(StreamName=f"sc-{name}", Limit=50)
    for tags in (shown["Tags"], made["Tags"]):
        marks = {t["Key"]: t["Value"] for t in tags}
        assert marks["aws:servicecatalog:provisioningPrincipalArn"] == arn
        assert marks["aws:servicecatalog:productArn"].endswith(f"product/{product.id}")
        assert marks["aws:servicecatalog:provisionedProductArn"].endswith(provisioned)

    second = product.add_version("v2", SECOND)
    outputs = succeeded(
        catalog,
        catalog.update_provisioned_product(
            ProvisionedProductId=provisioned,
            ProvisioningArtifactId=second,
            ProvisioningParameters=[{"Key": "Team", "UsePreviousValue": True}],
        ),
    )
    assert outputs["StreamArn"].endswith(f"stream/sc-{name}")
    found = catalog.search_provisioned_products(Filters={"SearchQuery": [f"name:{name}"]})
    (attributes,) = found["ProvisionedProducts"]
    assert attributes["ProvisioningArtifactName"] == "v2"
    assert (found["TotalResultsCount"], attributes["UserArn"]) == (1, arn)
    read = catalog.get_provisioned_product_outputs(
        ProvisionedProductName=name, OutputKeys=["StreamArn"]
    )
    assert read["Outputs"][0]["OutputValue"] == outputs["StreamArn"]

    succeeded(catalog, catalog.terminate_provisioned_product(ProvisionedProductName=name))
    assert catalog.scan_provisioned_products()["ProvisionedProducts"] == []
    assert (
        refused(client("cloudformation").describe_stacks, StackName=stack)[0] == "ValidationError"
    )
    history = catalog.list_record_history(
        SearchFilter={"Key": "provisionedproduct", "Value": provisioned}
    )["RecordDetails"]
    assert [r["RecordType"] for r in history] == [
        "TERMINATE_PROVISIONED_PRODUCT",
        "UPDATE_PROVISIONED_PRODUCT",
        "PROVISION_PRODUCT",
    ]


def test_by_the_aws_cli(server, aws_cli, product, unique):
    """As an administrator whom the portfolio names by a pattern, in a session of a role."""
    role = make_role(
        server,
        unique("people"),
        {"Statement": [{"Effect": "Allow", "Action": "servicecatalog:*", "Resource": "*"}]},
    )
    iam = server.client("iam")
    name = role.rpartition("/")[2]
    caller, _ = make_user(
        server,
        unique("user"),
        {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role}]},
    )
    iam.update_assume_role_policy(
        RoleName=name,
        PolicyDocument=json.dumps(
            {
                "Statement": [
                    {"Effect": "Allow", "Principal": {"AWS": caller}, "Action": "sts:AssumeRole"}
                ]
            }
        ),
    )
    product.admit("arn:aws:iam:::role/peopl?-*", "IAM_PATTERN")
    found = aws_cli(
        "servicecatalog", "search-products-as-admin", "--portfolio-id", product.portfolio
    )
    assert found["ProductViewDetails"][0]["ProductViewSummary"]["ProductId"] == product.id
    key = iam.create_access_key(UserName=caller.rpartition("/")[2])["AccessKey"]
    keys = server.client(
        "sts",
        access_key_id=key["AccessKeyId"],
        secret_access_key=key["SecretAccessKey"],
    ).assume_role(RoleArn=role, RoleSessionName="anna")["Credentials"]
    session = server.client(
        "servicecatalog",
        access_key_id=keys["AccessKeyId"],
        secret_access_key=keys["SecretAccessKey"],
        session_token=keys["SessionToken"],
    )
    assert [p["ProductId"] for p in session.search_products()["ProductViewSummaries"]] == [
        product.id
    ]


def test_who_is_in_no_portfolio_sees_nothing(server, client, product, user, unique):
    arn, mine = user
    catalog = mine("servicecatalog")
    assert catalog.search_products()["ProductViewSummaries"] == []
    code, message = refused(provision, catalog=catalog, product=product, name=unique("stream"))
    assert code == "ResourceNotFoundException"
    assert message == f"No launch paths found for resource: {product.id}"
    assert refused(catalog.describe_product, Id=product.id)[0] == "ResourceNotFoundException"
    # A group lets its members in.
    iam = client("iam")
    group = iam.create_group(GroupName=unique("group"))["Group"]
    product.admit(group["Arn"])
    assert catalog.search_products()["ProductViewSummaries"] == []
    iam.add_user_to_group(GroupName=group["GroupName"], UserName=arn.rpartition("/")[2])
    assert len(catalog.search_products()["ProductViewSummaries"]) == 1


def test_what_others_launched_is_theirs(server, product, user, unique):
    arn, mine = user
    other_arn, others = make_user(server, unique("other"), END_USER)
    for each in (arn, other_arn):
        product.admit(each)
    name = unique("stream")
    begun = provision(mine("servicecatalog"), product, name)
    succeeded(mine("servicecatalog"), begun)
    theirs = others("servicecatalog")
    code, message = refused(theirs.describe_record, Id=begun["RecordDetail"]["RecordId"])
    assert code == "AccessDeniedException" and "servicecatalog:DescribeRecord" in message
    assert refused(theirs.terminate_provisioned_product, ProvisionedProductName=name)[0] == (
        "AccessDeniedException"
    )
    account = {"Key": "Account", "Value": "self"}
    code, _ = refused(theirs.scan_provisioned_products, AccessLevelFilter=account)
    assert code == "AccessDeniedException"
    assert theirs.scan_provisioned_products()["ProvisionedProducts"] == []
    # A name is the account's.
    code, _ = refused(provision, catalog=theirs, product=product, name=name)
    assert code == "DuplicateResourceException"
    # An administrator sees and ends them all, and can give them away.
    admin = server.client("servicecatalog")
    seen = admin.scan_provisioned_products(AccessLevelFilter=account)["ProvisionedProducts"]
    (found,) = [p for p in seen if p["Name"] == name]
    admin.update_provisioned_product_properties(
        ProvisionedProductId=found["Id"], ProvisionedProductProperties={"OWNER": other_arn}
    )
    assert [p["Name"] for p in theirs.scan_provisioned_products()["ProvisionedProducts"]] == [name]
    succeeded(admin, admin.terminate_provisioned_product(ProvisionedProductName=name))


def test_the_same_token_launches_once(product, user, unique):
    arn, mine = user
    catalog = mine("servicecatalog")
    product.admit(arn)
    asked = {
        "ProductName": product.name,
        "ProvisioningArtifactName": "v1",
        "ProvisionedProductName": unique("stream"),
        "ProvisioningParameters": parameters(Team=unique("team")),
        "ProvisionToken": unique("token"),
    }
    first, second = (catalog.provision_product(**asked) for _ in range(2))
    assert first["RecordDetail"]["RecordId"] == second["RecordDetail"]["RecordId"]
    succeeded(catalog, first)
    assert len(catalog.scan_provisioned_products()["ProvisionedProducts"]) == 1
    name = asked["ProvisionedProductName"]
    succeeded(
        catalog,
        catalog.terminate_provisioned_product(
            ProvisionedProductName=name, RetainPhysicalResources=True
        ),
    )
    assert catalog.scan_provisioned_products()["ProvisionedProducts"] == []
    stack = first["RecordDetail"]["ProvisionedProductId"]
    cloudformation = product.server.client("cloudformation")
    stacks = [s["StackName"] for s in cloudformation.describe_stacks()["Stacks"]]
    (kept,) = [s for s in stacks if s.endswith(stack)]
    cloudformation.delete_stack(StackName=kept)


def test_rules_of_a_template_constraint(product, user, unique):
    arn, mine = user
    catalog = mine("servicecatalog")
    product.admit(arn)
    product.constrain(
        "TEMPLATE",
        {
            "Rules": {
                "OneShard": {
                    "Assertions": [
                        {
                            "Assert": {"Fn::Equals": [{"Ref": "Shards"}, "1"]},
                            "AssertDescription": "Teams have one shard",
                        }
                    ]
                }
            }
        },
    )
    begun = provision(catalog, product, unique("stream"), Shards="2")
    assert "Teams have one shard" in failed(catalog, begun)
    told = catalog.describe_provisioned_product(Id=begun["RecordDetail"]["ProvisionedProductId"])
    assert told["ProvisionedProductDetail"]["Status"] == "ERROR"
    name = unique("stream")
    succeeded(catalog, provision(catalog, product, name))
    changed = catalog.update_provisioned_product(
        ProvisionedProductName=name,
        ProvisioningArtifactId=product.v1,
        ProvisioningParameters=parameters(Shards="2"),
    )
    assert "Teams have one shard" in failed(catalog, changed)
    told = catalog.describe_provisioned_product(Name=name)["ProvisionedProductDetail"]
    assert told["Status"] == "TAINTED"
    assert told["LastSuccessfulProvisioningRecordId"] != told["LastRecordId"]
    for each in catalog.scan_provisioned_products()["ProvisionedProducts"]:
        succeeded(catalog, catalog.terminate_provisioned_product(ProvisionedProductId=each["Id"]))


def test_a_stack_that_fails_says_why(server, client, product, user, unique):
    arn, mine = user
    catalog = mine("servicecatalog")
    product.admit(arn)
    name = unique("taken")
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName=f"sc-{name}", ShardCount=1)
    begun = provision(catalog, product, name)
    reason = failed(catalog, begun)
    assert "[Stream]" in reason
    told = catalog.describe_provisioned_product(Name=name)["ProvisionedProductDetail"]
    assert told["Status"] == "ERROR" and told["StatusMessage"] == reason
    succeeded(catalog, catalog.terminate_provisioned_product(ProvisionedProductName=name))
    kinesis.delete_stream(StreamName=f"sc-{name}")


def test_a_role_that_cannot_be_assumed(server, bucket, user, unique):
    arn, mine = user
    catalog = mine("servicecatalog")
    product = Product(server, bucket, unique)
    product.admit(arn)
    role = make_role(server, unique("launch"), service="ec2.amazonaws.com")
    product.constrain("LAUNCH", {"LocalRoleName": role.rpartition("/")[2]})
    reason = failed(catalog, provision(catalog, product, unique("stream")))
    assert reason.startswith(f"Access denied while assuming the role {role}")
    assert "servicecatalog.amazonaws.com" in reason


def test_without_a_launch_role_the_callers_own_permissions_count(server, bucket, user, unique):
    arn, mine = user
    product = Product(server, bucket, unique)
    product.admit(arn)
    name = unique("stream")
    reason = failed(mine("servicecatalog"), provision(mine("servicecatalog"), product, name))
    assert arn in reason and "cloudformation:CreateStack" in reason


def test_tag_options_are_chosen_or_given(client, product, user, unique):
    arn, mine = user
    catalog = mine("servicecatalog")
    product.admit(arn)
    admin = client("servicecatalog")
    keys = {"center": ["7"], "stage": ["test", "production"]}
    for kind, values in keys.items():
        for value in values:
            option = admin.create_tag_option(Key=f"{kind}-{product.id}", Value=value)
            admin.associate_tag_option_with_resource(
                ResourceId=product.id, TagOptionId=option["TagOptionDetail"]["Id"]
            )
    asked = catalog.describe_provisioning_parameters(
        ProductId=product.id, ProvisioningArtifactName="v1"
    )
    offered = {o["Key"]: sorted(o["Values"]) for o in asked["TagOptions"]}
    stage = f"stage-{product.id}"
    assert offered == {f"center-{product.id}": ["7"], stage: ["production", "test"]}
    name = unique("stream")
    ask = {
        "ProductId": product.id,
        "ProvisioningArtifactId": product.v1,
        "ProvisionedProductName": name,
        "ProvisioningParameters": parameters(Team=name),
    }
    assert refused(catalog.provision_product, **ask)[0] == "InvalidParametersException"
    wrong = [{"Key": stage, "Value": "other"}]
    assert refused(catalog.provision_product, **ask, Tags=wrong)[0] == "InvalidParametersException"
    begun = catalog.provision_product(**ask, Tags=[{"Key": stage, "Value": "test"}])
    stack = succeeded(catalog, begun)["CloudformationStackARN"]
    (shown,) = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    tags = {t["Key"]: t["Value"] for t in shown["Tags"]}
    assert (tags[stage], tags[f"center-{product.id}"]) == ("test", "7")
    succeeded(catalog, catalog.terminate_provisioned_product(ProvisionedProductName=name))


def test_a_launch_goes_on_after_the_server_was_killed(fresh_server, unique):
    server = fresh_server
    server.client("s3").create_bucket(
        Bucket="templates", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    body = TEMPLATE.replace("ShardCount: !Ref Shards", "ShardCount: 20")
    product = Product(server, "templates", unique, body)
    product.constrain("LAUNCH", {"RoleArn": make_role(server, "launch")})
    arn, mine = make_user(server, "analyst", END_USER)
    product.admit(arn)
    begun = provision(mine("servicecatalog"), product, "cut")
    server.kill9()
    server.restart()
    outputs = succeeded(mine("servicecatalog"), begun)
    assert outputs["StreamArn"].endswith("stream/sc-cut")
    stacks = server.client("cloudformation").describe_stacks()["Stacks"]
    assert [s["StackId"] for s in stacks] == [outputs["CloudformationStackARN"]]
    gone = mine("servicecatalog").terminate_provisioned_product(ProvisionedProductName="cut")
    server.kill9()
    server.restart()
    succeeded(mine("servicecatalog"), gone)
    assert server.client("cloudformation").describe_stacks()["Stacks"] == []
