"""What tests of Service Catalog share: a product with its portfolio, people who launch it."""

from __future__ import annotations

import json
import time

from tarn_server import REGION

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Description: A stream for a team
Parameters:
  Team: {Type: String, Description: Whose stream it is, AllowedPattern: "[a-z0-9-]+", MaxLength: 40}
  Shards: {Type: Number, Default: 1, AllowedValues: [1, 2]}
  Secret: {Type: String, NoEcho: true, Default: x}
Resources:
  Stream:
    Type: AWS::Kinesis::Stream
    Properties: {Name: !Sub "sc-${Team}", ShardCount: !Ref Shards}
Outputs:
  StreamArn: {Description: The stream, Value: !GetAtt Stream.Arn}
"""
SECOND = TEMPLATE.replace(
    "Outputs:", "  More: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}\nOutputs:"
)

# What end users of Service Catalog have, and nothing else.
END_USER = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "servicecatalog:DescribeProduct",
                "servicecatalog:DescribeProductView",
                "servicecatalog:DescribeProvisioningParameters",
                "servicecatalog:ListLaunchPaths",
                "servicecatalog:ProvisionProduct",
                "servicecatalog:SearchProducts",
            ],
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Action": [
                "servicecatalog:DescribeProvisionedProduct",
                "servicecatalog:DescribeRecord",
                "servicecatalog:GetProvisionedProductOutputs",
                "servicecatalog:ListRecordHistory",
                "servicecatalog:ScanProvisionedProducts",
                "servicecatalog:SearchProvisionedProducts",
                "servicecatalog:TerminateProvisionedProduct",
                "servicecatalog:UpdateProvisionedProduct",
            ],
            "Resource": "*",
            "Condition": {"StringEquals": {"servicecatalog:userLevel": "self"}},
        },
    ],
}
LAUNCH = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:DeleteStack"],
            "Resource": "arn:aws:cloudformation:*:*:stack/SC-*",
        },
        {"Effect": "Allow", "Action": "kinesis:*", "Resource": "*"},
    ],
}  # fmt: skip


def trust(service):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    )


def make_user(server, name, policy=None):
    """A user with keys of his own: his ARN, and what makes clients of him."""
    iam = server.client("iam")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    if policy is not None:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]

    def client(service):
        return server.client(
            service,
            access_key_id=key["AccessKeyId"],
            secret_access_key=key["SecretAccessKey"],
        )

    return arn, client


def make_role(server, name, policy=LAUNCH, service="servicecatalog.amazonaws.com"):
    iam = server.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
    return arn


def template_url(server, bucket, key, body):
    server.client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())
    return f"https://s3.{REGION}.amazonaws.com/{bucket}/{key}"


class Product:
    """A product in a portfolio of its own."""

    def __init__(self, server, bucket, unique, body=TEMPLATE):
        self.catalog = server.client("servicecatalog")
        self.server, self.bucket, self.unique = server, bucket, unique
        self.name = unique("product")
        portfolio = self.catalog.create_portfolio(
            DisplayName=unique("portfolio"),
            ProviderName="Operations",
            Tags=[{"Key": "cost", "Value": "data"}],
        )
        self.portfolio = portfolio["PortfolioDetail"]["Id"]
        made = self.catalog.create_product(
            Name=self.name,
            Owner="Operations",
            Description="Streams for teams",
            ProductType="CLOUD_FORMATION_TEMPLATE",
            ProvisioningArtifactParameters=self.version("v1", body),
        )
        self.id = made["ProductViewDetail"]["ProductViewSummary"]["ProductId"]
        self.view_id = made["ProductViewDetail"]["ProductViewSummary"]["Id"]
        self.v1 = made["ProvisioningArtifactDetail"]["Id"]
        self.catalog.associate_product_with_portfolio(ProductId=self.id, PortfolioId=self.portfolio)

    def version(self, name, body):
        url = template_url(self.server, self.bucket, self.unique("template"), body)
        return {"Name": name, "Info": {"LoadTemplateFromURL": url}}

    def add_version(self, name, body):
        made = self.catalog.create_provisioning_artifact(
            ProductId=self.id, Parameters=self.version(name, body)
        )
        return made["ProvisioningArtifactDetail"]["Id"]

    def admit(self, arn, kind="IAM"):
        self.catalog.associate_principal_with_portfolio(
            PortfolioId=self.portfolio, PrincipalARN=arn, PrincipalType=kind
        )

    def constrain(self, kind, parameters):
        made = self.catalog.create_constraint(
            PortfolioId=self.portfolio,
            ProductId=self.id,
            Type=kind,
            Parameters=json.dumps(parameters),
        )
        return made["ConstraintDetail"]["ConstraintId"]


def ended(catalog, record):
    """The record's answer, once its operation has ended."""
    deadline = time.monotonic() + 180
    while True:
        told = catalog.describe_record(Id=record["RecordDetail"]["RecordId"])
        if told["RecordDetail"]["Status"] in ("SUCCEEDED", "FAILED"):
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.1)


def succeeded(catalog, record):
    told = ended(catalog, record)
    assert told["RecordDetail"]["Status"] == "SUCCEEDED", told["RecordDetail"]
    return {each["OutputKey"]: each["OutputValue"] for each in told["RecordOutputs"]}


def failed(catalog, record):
    """Why."""
    told = ended(catalog, record)
    assert told["RecordDetail"]["Status"] == "FAILED", told["RecordDetail"]
    (error,) = told["RecordDetail"]["RecordErrors"]
    return error["Description"]


def parameters(**values):
    return [{"Key": key, "Value": value} for key, value in values.items()]
