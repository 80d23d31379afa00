"""What tests of the guidance share: an operator with the permissions that its commands need, and a shell."""

from __future__ import annotations

import json
import shlex
import time

from aws_cli import AwsCli

STACKS = (
    *("analytics-with-emr", "emr-service-catalog-product"),
    *("emr-kinesis-stream", "kinesis-data-generator"),
)


def operator_policy(account):
    """All that the deployment and the cleanup of the guidance ask for, and no more."""
    own = [f"{stack}*" for stack in STACKS]

    def statement(actions, *resources):
        return {"Effect": "Allow", "Action": actions, "Resource": list(resources or "*")}

    def named(service, kind, region="us-west-2"):
        return [f"arn:aws:{service}:{region}:{account}:{kind}{name}" for name in own]

    stacks = ["CreateStack", "DeleteStack", "DescribeStacks", "DescribeStackEvents"]
    stacks += ["DescribeStackResources", "GetTemplate", "TagResource"]
    bucket = ["CreateBucket", "DeleteBucket", "ListBucket", "PutEncryptionConfiguration"]
    bucket += ["PutBucketPublicAccessBlock", "PutBucketOwnershipControls", "DeleteObject"]
    bucket += ["PutBucketTagging", "PutObject", "GetObject", "ListBucketVersions"]
    roles = ["CreateRole", "DeleteRole", "GetRole", "PutRolePolicy", "DeleteRolePolicy"]
    roles += ["AttachRolePolicy", "DetachRolePolicy", "ListAttachedRolePolicies"]
    roles += ["ListRolePolicies", "PassRole", "TagRole", "GetRolePolicy"]
    profiles = ["CreateInstanceProfile", "DeleteInstanceProfile", "GetInstanceProfile"]
    profiles += ["AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile"]
    policies = ["CreatePolicy", "DeletePolicy", "GetPolicy", "ListPolicyVersions"]
    policies += ["ListEntitiesForPolicy"]
    keys = ["CreateKey", "CreateAlias", "DeleteAlias", "DescribeKey", "EnableKeyRotation"]
    keys += ["ScheduleKeyDeletion", "TagResource", "Encrypt", "Decrypt", "GenerateDataKey"]
    keys += ["ListAliases"]
    network = ["AllocateAddress", "AssociateRouteTable", "AttachInternetGateway"]
    network += ["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateTags"]
    network += [
        f"{verb}{noun}"
        for verb in ("Create", "Delete")
        for noun in ("InternetGateway", "KeyPair", "NatGateway", "Route", "RouteTable")
    ]
    network += ["CreateSecurityGroup", "DeleteSecurityGroup", "CreateSubnet", "DeleteSubnet"]
    network += ["CreateVpc", "DeleteVpc", "CreateVpcEndpoint", "DeleteVpcEndpoints", "Describe*"]
    network += ["DetachInternetGateway", "DisassociateRouteTable", "ModifySubnetAttribute"]
    network += ["ModifyVpcAttribute", "ReleaseAddress", "RevokeSecurityGroupEgress"]
    network += ["RevokeSecurityGroupIngress"]
    functions = ["CreateFunction", "DeleteFunction", "GetFunction", "AddPermission"]
    functions += ["RemovePermission", "GetFunctionConfiguration", "TagResource", "GetPolicy"]
    catalog = [
        f"{verb}{noun}"
        for verb in ("Create", "Delete", "Describe", "Update")
        for noun in ("Portfolio", "Product", "Constraint")
    ]
    catalog += ["DescribeProductAsAdmin", "AssociateProductWithPortfolio", "TagResource"]
    catalog += ["DisassociateProductFromPortfolio", "AssociatePrincipalWithPortfolio"]
    catalog += ["DisassociatePrincipalFromPortfolio", "DescribeProvisioningArtifact"]
    catalog += ["SearchProductsAsAdmin", "ListPrincipalsForPortfolio"]
    catalog += ["ListConstraintsForPortfolio", "ListPortfoliosForProduct"]
    catalog += ["ListProvisioningArtifacts"]
    streams = ["CreateStream", "DeleteStream", "DescribeStream", "DescribeStreamSummary"]
    streams += ["StartStreamEncryption", "AddTagsToStream", "PutRecords"]
    studios = ["CreateStudio", "DeleteStudio", "DescribeStudio", "AddTags"]

    def every(service, actions):
        return [f"{service}:{action}" for action in actions]

    statements = [
        statement(every("cloudformation", stacks), *named("cloudformation", "stack/")),
        statement("cloudformation:DescribeStacks"),
        statement("s3:GetObject", "arn:aws:s3:::emrstudio.sample.templates/*"),
        statement(every("s3", bucket), "arn:aws:s3:::analytics-with-emr-*"),
        statement("s3:ListAllMyBuckets"),
        statement(every("iam", roles), *named("iam", "role/", "")),
        statement(every("iam", profiles), *named("iam", "instance-profile/", "")),
        statement(every("iam", policies), *named("iam", "policy/", "")),
        statement("iam:GetUser", f"arn:aws:iam::{account}:user/*"),
        statement(every("kms", keys)),
        statement(every("ec2", network)),
        statement(every("lambda", functions)),
        statement(every("servicecatalog", catalog)),
        statement(
            every("kinesis", streams), f"arn:aws:kinesis:*:{account}:stream/emr-kinesis-stream"
        ),
        statement(every("elasticmapreduce", studios)),
    ]
    return {"Version": "2012-10-17", "Statement": statements}


class Shell:
    """Runs the guidance's commands as somebody: an IAM user, or a role's session."""

    def __init__(self, server, access_key_id, secret_access_key, session_token=None):
        self.server = server
        self.environment = server.client_environment() | {
            "AWS_ACCESS_KEY_ID": access_key_id,
            "AWS_SECRET_ACCESS_KEY": secret_access_key,
        }
        if session_token:
            self.environment["AWS_SESSION_TOKEN"] = session_token

    def run(self, command, *, check=True):
        """Gives what the command prints as JSON, or as text; with `check` False what it complains."""
        words = shlex.split(command.replace("\\\n", " "))
        assert words[0] == "aws"
        arguments = ["--endpoint-url", self.server.endpoint_url, "--output", "json", *words[1:]]
        done = AwsCli.shared().run(arguments, self.environment, stdin="", timeout_s=120)
        if not check:
            return done.stderr.strip()
        assert done.returncode == 0, f"{command}: {done.stderr.strip()}"
        try:
            return json.loads(done.stdout) if done.stdout.strip() else None
        except json.JSONDecodeError:
            return done.stdout

    def stack(self, name):
        """A stack, once nothing goes on in it. With the events of one that failed."""
        deadline = time.monotonic() + 300
        while True:
            (found,) = self.run(f"aws cloudformation describe-stacks --stack-name {name}")["Stacks"]
            status = found["StackStatus"]
            if not status.endswith("_IN_PROGRESS"):
                break
            assert time.monotonic() < deadline, found
            time.sleep(0.3)
        if not status.endswith("_COMPLETE") or "ROLLBACK" in status:
            raise AssertionError(f"{name} is {status}: {self.reasons(name)}")
        return found

    def reasons(self, name):
        events = self.run(f"aws cloudformation describe-stack-events --stack-name {name}")
        return [
            (event["LogicalResourceId"], event["ResourceStatus"], event["ResourceStatusReason"])
            for event in events["StackEvents"]
            if "FAILED" in event["ResourceStatus"]
        ]

    def gone(self, name):
        """Deletes a stack, which goes at the first try."""
        (found,) = self.run(f"aws cloudformation describe-stacks --stack-name {name}")["Stacks"]
        self.run(f"aws cloudformation delete-stack --stack-name {name}")
        assert self.stack(found["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def outputs(stack):
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
