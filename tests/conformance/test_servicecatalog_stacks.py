"""Stacks of Service Catalog's types: made, changed and gone."""

from __future__ import annotations

import json

import pytest
from cloudformation_steps import outputs_of, refused, resources_of, wait_for_status
from servicecatalog_steps import SECOND, TEMPLATE, make_user, template_url, trust

RULES = {
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
}
BODY = """
Parameters:
  First: {Type: String}
  Second: {Type: String}
  User: {Type: String}
  Team: {Type: String}
  Owner: {Type: String, Default: Operations}
  Version: {Type: String, Default: "0"}
Conditions: {IsSecond: !Equals [!Ref Version, "1"]}
Resources:
  Portfolio:
    Type: AWS::ServiceCatalog::Portfolio
    Properties: {DisplayName: !Sub "${AWS::StackName}-portfolio", ProviderName: !Ref Owner, Tags: [{Key: cost, Value: data}]}
  Product:
    Type: AWS::ServiceCatalog::CloudFormationProduct
    Properties:
      Name: !Sub "${AWS::StackName}-product"
      Owner: !Ref Owner
      ProvisioningArtifactParameters:
        - {Name: v1, Info: {LoadTemplateFromURL: !Ref First}}
        - Fn::If: [IsSecond, {Name: v2, Info: {LoadTemplateFromURL: !Ref Second}}, !Ref AWS::NoValue]
  Held: {Type: AWS::ServiceCatalog::PortfolioProductAssociation, Properties: {PortfolioId: !Ref Portfolio, ProductId: !Ref Product}}
  People: {Type: AWS::ServiceCatalog::PortfolioPrincipalAssociation, Properties: {PortfolioId: !Ref Portfolio, PrincipalARN: !Ref User, PrincipalType: IAM}}
  Launched:
    Type: AWS::ServiceCatalog::LaunchRoleConstraint
    DependsOn: Held
    Properties: {PortfolioId: !Ref Portfolio, ProductId: !Ref Product, RoleArn: !GetAtt Role.Arn, Description: !Ref Owner}
  Ruled:
    Type: AWS::ServiceCatalog::LaunchTemplateConstraint
    DependsOn: Held
    Properties: {PortfolioId: !Ref Portfolio, ProductId: !Ref Product, Rules: 'RULES'}
  Notified:
    Type: AWS::ServiceCatalog::LaunchNotificationConstraint
    DependsOn: Held
    Properties: {PortfolioId: !Ref Portfolio, ProductId: !Ref Product, NotificationArns: [!Sub "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:topic"]}
  Option: {Type: AWS::ServiceCatalog::TagOption, Properties: {Key: !Sub "${AWS::StackName}-center", Value: "7"}}
  Offered: {Type: AWS::ServiceCatalog::TagOptionAssociation, Properties: {TagOptionId: !Ref Option, ResourceId: !Ref Product}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: TRUST
      Policies: [{PolicyName: own, PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: ["cloudformation:*", "kinesis:*"], Resource: "*"}]}}]
  Stream:
    Type: AWS::ServiceCatalog::CloudFormationProvisionedProduct
    DependsOn: [Held, People, Launched, Ruled, Notified, Offered]
    Properties:
      ProductId: !Ref Product
      ProvisioningArtifactName: !If [IsSecond, v2, v1]
      ProvisioningParameters: [{Key: Team, Value: !Ref Team}]
Outputs:
  Versions: {Value: !GetAtt Product.ProvisioningArtifactNames}
  Ids: {Value: !GetAtt Product.ProvisioningArtifactIds}
  ProductName: {Value: !GetAtt Product.ProductName}
  PortfolioName: {Value: !GetAtt Portfolio.PortfolioName}
  Stack: {Value: !GetAtt Stream.CloudformationStackArn}
  Record: {Value: !GetAtt Stream.RecordId}
  StreamArn: {Value: !GetAtt Stream.Outputs.StreamArn}
""".replace("RULES", json.dumps(RULES)).replace("TRUST", trust("servicecatalog.amazonaws.com"))


@pytest.fixture
def operator(server, unique):
    """Arn and clients of an administrator: the account's root is in no portfolio."""
    return make_user(
        server,
        unique("operator"),
        {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
    )


def test_all_types(server, bucket, operator, unique):
    arn, mine = operator
    cloudformation, catalog = mine("cloudformation"), mine("servicecatalog")
    name = unique("catalog")
    given = {
        "First": template_url(server, bucket, "first.yaml", TEMPLATE),
        "Second": template_url(server, bucket, "second.yaml", SECOND),
        "User": arn,
        "Team": unique("team"),
    }

    def operate(call, **more):
        values = [
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in {**given, **more}.items()
        ]
        call(StackName=name, TemplateBody=BODY, Parameters=values, Capabilities=["CAPABILITY_IAM"])

    operate(cloudformation.create_stack)
    found = wait_for_status(cloudformation, name, "CREATE_COMPLETE", "ROLLBACK_COMPLETE")
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    assert found["StackStatus"] == "CREATE_COMPLETE", [
        e for e in events if e["ResourceStatus"] == "CREATE_FAILED"
    ]
    ids = resources_of(cloudformation, name)
    outputs = outputs_of(cloudformation, name)
    assert (outputs["Versions"], outputs["ProductName"]) == ("v1", f"{name}-product")
    assert outputs["PortfolioName"] == f"{name}-portfolio"
    assert outputs["StreamArn"].endswith(f"stream/sc-{given['Team']}")
    told = catalog.describe_provisioned_product(Id=ids["Stream"])["ProvisionedProductDetail"]
    assert (told["Status"], told["LastRecordId"]) == ("AVAILABLE", outputs["Record"])
    listed = catalog.list_constraints_for_portfolio(PortfolioId=ids["Portfolio"])
    assert {c["ConstraintId"] for c in listed["ConstraintDetails"]} == {
        ids["Launched"],
        ids["Ruled"],
        ids["Notified"],
    }
    (inner,) = cloudformation.describe_stacks(StackName=outputs["Stack"])["Stacks"]
    assert {"Key": f"{name}-center", "Value": "7"} in inner["Tags"]
    assert inner["NotificationARNs"][0].endswith(":topic")

    operate(cloudformation.update_stack, Owner="Platform", Version="1")
    wait_for_status(cloudformation, name, "UPDATE_COMPLETE")
    changed = outputs_of(cloudformation, name)
    assert changed["Versions"] == "v1,v2"
    assert changed["Ids"].startswith(outputs["Ids"] + ",")
    told = catalog.describe_provisioned_product(Id=ids["Stream"])["ProvisionedProductDetail"]
    assert told["ProvisioningArtifactId"] == changed["Ids"].split(",")[1]
    described = catalog.describe_portfolio(Id=ids["Portfolio"])
    assert described["PortfolioDetail"]["ProviderName"] == "Platform"

    cloudformation.delete_stack(StackName=name)
    found = wait_for_status(cloudformation, found["StackId"], "DELETE_COMPLETE", "DELETE_FAILED")
    assert found["StackStatus"] == "DELETE_COMPLETE", found
    assert (
        refused(catalog.describe_portfolio, Id=ids["Portfolio"])[0] == "ResourceNotFoundException"
    )
    assert catalog.scan_provisioned_products()["ProvisionedProducts"] == []


@pytest.mark.parametrize("kind", ["ResourceUpdateConstraint", "StackSetConstraint"])
def test_types_that_are_not_here_are_named(client, unique, kind):
    body = f"Resources: {{One: {{Type: 'AWS::ServiceCatalog::{kind}'}}}}"
    code, message = refused(
        client("cloudformation").create_stack, StackName=unique("stack"), TemplateBody=body
    )
    assert code == "ValidationError" and kind in message
