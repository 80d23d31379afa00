"""Service Catalog for its administrators: portfolios, products, constraints, and what keeps them whole."""

from __future__ import annotations

import json

import pytest
from cloudformation_steps import refused
from servicecatalog_steps import (
    END_USER,
    SECOND,
    TEMPLATE,
    Product,
    make_role,
    make_user,
    template_url,
)
from tarn_server import REGION


@pytest.fixture(scope="module")
def bucket(server):
    s3 = server.client("s3")
    s3.create_bucket(
        Bucket="catalog-templates", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    return "catalog-templates"


@pytest.fixture
def catalog(client):
    return client("servicecatalog")


@pytest.fixture
def product(server, bucket, unique):
    return Product(server, bucket, unique)


def test_portfolios(catalog, unique):
    name = unique("portfolio")
    token = unique("token")
    asked = {"DisplayName": name, "ProviderName": "Operations", "IdempotencyToken": token}
    made = catalog.create_portfolio(**asked, Tags=[{"Key": "team", "Value": "red"}])
    detail = made["PortfolioDetail"]
    assert detail["Id"].startswith("port-")
    assert detail["ARN"].endswith(f":portfolio/{detail['Id']}")
    assert detail["ARN"].startswith("arn:aws:catalog:")
    again = catalog.create_portfolio(**asked, Tags=[{"Key": "team", "Value": "red"}])
    assert again["PortfolioDetail"]["Id"] == detail["Id"]
    code, message = refused(catalog.create_portfolio, **asked)
    assert code == "InvalidParametersException" and token in message
    changed = catalog.update_portfolio(
        Id=detail["Id"],
        Description="Streams",
        AddTags=[{"Key": "cost", "Value": "1"}],
        RemoveTags=["team"],
    )
    assert changed["Tags"] == [{"Key": "cost", "Value": "1"}]
    told = catalog.describe_portfolio(Id=detail["Id"])
    assert told["PortfolioDetail"]["Description"] == "Streams"
    pages = catalog.get_paginator("list_portfolios").paginate(PaginationConfig={"PageSize": 1})
    listed = [each["Id"] for page in pages for each in page["PortfolioDetails"]]
    assert listed.count(detail["Id"]) == 1
    catalog.delete_portfolio(Id=detail["Id"])
    code, message = refused(catalog.describe_portfolio, Id=detail["Id"])
    assert code == "ResourceNotFoundException" and detail["Id"] in message


def test_products_and_their_versions(server, catalog, bucket, product):
    second = product.add_version("v2", SECOND)
    catalog.update_provisioning_artifact(
        ProductId=product.id, ProvisioningArtifactId=second, Guidance="DEPRECATED"
    )
    listed = catalog.list_provisioning_artifacts(ProductId=product.id)
    assert [(v["Id"], v["Name"], v["Guidance"]) for v in listed["ProvisioningArtifactDetails"]] == [
        (product.v1, "v1", "DEFAULT"),
        (second, "v2", "DEPRECATED"),
    ]
    told = catalog.describe_provisioning_artifact(
        ProductName=product.name,
        ProvisioningArtifactName="v1",
        Verbose=True,
        IncludeProvisioningArtifactParameters=True,
    )
    assert told["Info"]["CloudFormationTemplate"] == TEMPLATE
    assert told["Info"]["TemplateUrl"].startswith(f"https://s3.{REGION}.amazonaws.com/{bucket}/")
    keys = [p["ParameterKey"] for p in told["ProvisioningArtifactParameters"]]
    assert keys == ["Team", "Shards", "Secret"]
    admin = catalog.describe_product_as_admin(Id=product.id)
    assert [v["Id"] for v in admin["ProvisioningArtifactSummaries"]] == [product.v1, second]
    catalog.update_product(Id=product.id, Distributor="Platform team")
    found = catalog.search_products_as_admin(Filters={"FullTextSearch": ["platform TEAM"]})
    assert [p["ProductViewSummary"]["ProductId"] for p in found["ProductViewDetails"]] == [
        product.id
    ]
    catalog.delete_provisioning_artifact(ProductId=product.id, ProvisioningArtifactId=second)
    code, message = refused(
        catalog.delete_provisioning_artifact,
        ProductId=product.id,
        ProvisioningArtifactId=product.v1,
    )
    assert code == "InvalidParametersException" and "last" in message


@pytest.mark.parametrize(
    "form",
    [
        "https://s3.{region}.amazonaws.com/{bucket}/{key}",
        "https://s3.amazonaws.com/{bucket}/{key}",
        "https://{bucket}.s3.{region}.amazonaws.com/{key}",
        "https://{bucket}.s3.amazonaws.com/{key}",
        "s3://{bucket}/{key}",
    ],
)
def test_templates_are_loaded_from_every_form_of_url(server, catalog, bucket, product, form):
    template_url(server, bucket, "forms.yaml", TEMPLATE)
    url = form.format(region=REGION, bucket=bucket, key="forms.yaml")
    made = catalog.create_provisioning_artifact(
        ProductId=product.id, Parameters={"Name": form, "Info": {"LoadTemplateFromURL": url}}
    )
    assert made["Info"]["TemplateUrl"] == url
    assert made["Status"] == "AVAILABLE"


def test_what_no_template_can_be_read_from(server, catalog, bucket, product, unique):
    url = template_url(
        server,
        bucket,
        unique("bad"),
        "Resources: {A: {Type: AWS::S3::Bucket, Properties: {B: !Ref C}}}",
    )
    create = catalog.create_provisioning_artifact
    bad = {"Name": "bad", "Info": {"LoadTemplateFromURL": url}}
    code, message = refused(create, ProductId=product.id, Parameters=bad)
    assert code == "InvalidParametersException" and "[C]" in message
    assert create(ProductId=product.id, Parameters=bad | {"DisableTemplateValidation": True})
    absent = {"Info": {"LoadTemplateFromURL": f"s3://{bucket}/absent"}}
    code, message = refused(create, ProductId=product.id, Parameters=absent)
    assert code == "InvalidParametersException" and "absent" in message
    stack = {"Info": {"ImportFromPhysicalId": "arn:aws:cloudformation:x:1:stack/a/b"}}
    code, message = refused(create, ProductId=product.id, Parameters=stack)
    assert code == "NotImplemented" and "ImportFromPhysicalId" in message
    # The template is read with the permission of who makes the product.
    _, reader = make_user(
        server,
        unique("maker"),
        {"Statement": [{"Effect": "Allow", "Action": "servicecatalog:*", "Resource": "*"}]},
    )
    good = template_url(server, bucket, unique("good"), TEMPLATE)
    code, message = refused(
        reader("servicecatalog").create_provisioning_artifact,
        ProductId=product.id,
        Parameters={"Info": {"LoadTemplateFromURL": good}},
    )
    assert code == "AccessDeniedException" and "s3:GetObject" in message


def test_what_is_in_use_stays(server, catalog, product, unique):
    user, _ = make_user(server, unique("user"))
    product.admit(user)
    product.admit(user)
    principals = catalog.list_principals_for_portfolio(PortfolioId=product.portfolio)["Principals"]
    assert principals == [{"PrincipalARN": user, "PrincipalType": "IAM"}]
    holders = catalog.list_portfolios_for_product(ProductId=product.id)["PortfolioDetails"]
    assert [p["Id"] for p in holders] == [product.portfolio]
    constraint = product.constrain(
        "NOTIFICATION", {"NotificationArns": [f"arn:aws:sns:{REGION}:1:t"]}
    )
    assert refused(catalog.delete_portfolio, Id=product.portfolio)[0] == "ResourceInUseException"
    assert refused(catalog.delete_product, Id=product.id)[0] == "ResourceInUseException"
    link = {"ProductId": product.id, "PortfolioId": product.portfolio}
    code, _ = refused(catalog.disassociate_product_from_portfolio, **link)
    assert code == "ResourceInUseException"
    catalog.delete_constraint(Id=constraint)
    catalog.disassociate_product_from_portfolio(**link)
    catalog.disassociate_principal_from_portfolio(PortfolioId=product.portfolio, PrincipalARN=user)
    catalog.delete_portfolio(Id=product.portfolio)
    catalog.delete_product(Id=product.id)
    code, _ = refused(catalog.describe_product_as_admin, Id=product.id)
    assert code == "ResourceNotFoundException"


def test_constraints(server, catalog, product, unique):
    role = make_role(server, unique("launch"))
    launch = product.constrain("LAUNCH", {"RoleArn": role})
    with pytest.raises(product.catalog.exceptions.DuplicateResourceException):
        product.constrain("LAUNCH", {"LocalRoleName": role.rpartition("/")[2]})
    catalog.update_constraint(Id=launch, Description="under its own role")
    told = catalog.describe_constraint(Id=launch)
    assert told["ConstraintDetail"]["Description"] == "under its own role"
    assert json.loads(told["ConstraintParameters"]) == {"RoleArn": role}
    listed = catalog.list_constraints_for_portfolio(PortfolioId=product.portfolio)
    assert [c["Type"] for c in listed["ConstraintDetails"]] == ["LAUNCH"]
    create = catalog.create_constraint
    link = {"ProductId": product.id, "PortfolioId": product.portfolio}
    for kind in ("RESOURCE_UPDATE", "STACKSET"):
        code, message = refused(create, **link, Type=kind, Parameters="{}")
        assert code == "NotImplemented" and kind in message
    for kind, parameters in (("LAUNCH", "{}"), ("TEMPLATE", '{"Rules": 1}'), ("OTHER", "{}")):
        code, _ = refused(create, **link, Type=kind, Parameters=parameters)
        assert code == "InvalidParametersException"
    # Who lets others launch under a role must be allowed to give it away.
    _, other = make_user(
        server,
        unique("maker"),
        {"Statement": [{"Effect": "Allow", "Action": "servicecatalog:*", "Resource": "*"}]},
    )
    code, message = refused(
        other("servicecatalog").create_constraint,
        **link,
        Type="LAUNCH",
        Parameters=json.dumps({"RoleArn": role}),
    )
    assert code == "AccessDeniedException" and "iam:PassRole" in message


def test_tag_options(catalog, product, unique):
    key = unique("key")
    options = [
        catalog.create_tag_option(Key=key, Value=value)["TagOptionDetail"]["Id"]
        for value in ("one", "two")
    ]
    code, _ = refused(catalog.create_tag_option, Key=key, Value="one")
    assert code == "DuplicateResourceException"
    found = catalog.list_tag_options(Filters={"Key": key})["TagOptionDetails"]
    assert {o["Value"] for o in found} == {"one", "two"}
    use = {"TagOptionId": options[0], "ResourceId": product.portfolio}
    catalog.associate_tag_option_with_resource(**use)
    code, _ = refused(catalog.associate_tag_option_with_resource, **use)
    assert code == "DuplicateResourceException"
    (held,) = catalog.list_resources_for_tag_option(TagOptionId=options[0])["ResourceDetails"]
    assert held["Id"] == product.portfolio
    assert catalog.describe_portfolio(Id=product.portfolio)["TagOptions"][0]["Value"] == "one"
    assert refused(catalog.delete_tag_option, Id=options[0])[0] == "ResourceInUseException"
    catalog.disassociate_tag_option_from_resource(**use)
    changed = catalog.update_tag_option(Id=options[0], Active=False)["TagOptionDetail"]
    assert changed["Active"] is False
    for option in options:
        catalog.delete_tag_option(Id=option)


def test_a_portfolio_has_at_most_a_hundred_principals(catalog, product):
    for number in range(100):
        product.admit(f"arn:aws:iam:::role/limit-{number}*", "IAM_PATTERN")
    with pytest.raises(product.catalog.exceptions.LimitExceededException) as raised:
        product.admit("arn:aws:iam:::role/limit-too-many", "IAM_PATTERN")
    assert "100" in str(raised.value)


def test_who_is_no_administrator_may_not(server, catalog, product, unique):
    _, user = make_user(server, unique("user"), END_USER)
    code, message = refused(user("servicecatalog").describe_portfolio, Id=product.portfolio)
    assert code == "AccessDeniedException"
    assert "servicecatalog:DescribePortfolio" in message and product.portfolio in message


def test_shares_are_not_offered(catalog, product):
    code, message = refused(
        catalog.create_portfolio_share, PortfolioId=product.portfolio, AccountId="123456789012"
    )
    assert code == "NotImplemented" and "CreatePortfolioShare" in message
