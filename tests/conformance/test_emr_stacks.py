"""Clusters from templates: one that computes, with fleets, a step and a security configuration; and one that cannot be."""

from __future__ import annotations

import pytest
from cloudformation_steps import own_tags, refused, resources_of, wait_for_status
from emr_steps import describe, wait_for_step

BODY = """
Parameters: {Spot: {Type: Number, Default: 2}, Idle: {Type: Number, Default: 3600}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: [ec2.amazonaws.com, elasticmapreduce.amazonaws.com]}, Action: "sts:AssumeRole"}]}
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"]
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref Role]}}
  Sealed:
    Type: AWS::EMR::SecurityConfiguration
    Properties:
      SecurityConfiguration:
        EncryptionConfiguration:
          EnableInTransitEncryption: false
          EnableAtRestEncryption: true
          AtRestEncryptionConfiguration: {S3EncryptionConfiguration: {EncryptionMode: SSE-S3}}
  Cluster:
    Type: AWS::EMR::Cluster
    Properties:
      Name: !Sub "${AWS::StackName}"
      ReleaseLabel: emr-7.0.0
      Applications: [{Name: Spark}]
      JobFlowRole: !Ref Profile
      ServiceRole: !Ref Role
      SecurityConfiguration: !Ref Sealed
      AutoTerminationPolicy: {IdleTimeout: !Ref Idle}
      Configurations: [{Classification: spark-defaults, ConfigurationProperties: {spark.executor.memory: 512m}}]
      Instances:
        MasterInstanceFleet: {TargetOnDemandCapacity: 1, InstanceTypeConfigs: [{InstanceType: m7g.xlarge}]}
        CoreInstanceFleet: {TargetOnDemandCapacity: "1", InstanceTypeConfigs: [{InstanceType: m7g.xlarge, WeightedCapacity: "1"}]}
      Tags: [{Key: team, Value: red}]
  Fleet:
    Type: AWS::EMR::InstanceFleetConfig
    Properties:
      ClusterId: !Ref Cluster
      InstanceFleetType: TASK
      TargetSpotCapacity: !Ref Spot
      InstanceTypeConfigs: [{InstanceType: r7g.2xlarge, WeightedCapacity: 1}]
  Step:
    Type: AWS::EMR::Step
    Properties:
      JobFlowId: !Ref Cluster
      Name: one
      ActionOnFailure: CONTINUE
      HadoopJarStep: {Jar: command-runner.jar, Args: [echo, done], StepProperties: [{Key: a, Value: b}]}
Outputs: {Master: {Value: !GetAtt Cluster.MasterPublicDNS}}
"""


@pytest.fixture
def cloudformation(client):
    return client("cloudformation")


def task_fleet(emr, cluster):
    fleets = emr.list_instance_fleets(ClusterId=cluster)["InstanceFleets"]
    (found,) = [f for f in fleets if f["InstanceFleetType"] == "TASK"]
    return found


def test_a_cluster_with_all_its_parts(client, cloudformation, unique):
    emr, name = client("emr"), unique("cluster")
    stack = cloudformation.create_stack(
        StackName=name, TemplateBody=BODY, Capabilities=["CAPABILITY_IAM"]
    )["StackId"]
    wait_for_status(cloudformation, name, "CREATE_COMPLETE")
    ids = resources_of(cloudformation, name)
    cluster = describe(emr, ids["Cluster"])
    # It could be used when the stack was complete.
    assert cluster["Status"]["State"] in ("WAITING", "RUNNING")
    assert cluster["Name"] == name
    assert own_tags(cluster["Tags"]) == {"team": "red"}
    assert cluster["SecurityConfiguration"] == ids["Sealed"]
    assert cluster["Configurations"][0]["Properties"] == {"spark.executor.memory": "512m"}
    assert cluster["Ec2InstanceAttributes"]["IamInstanceProfile"].endswith(ids["Profile"])
    fleet = task_fleet(emr, ids["Cluster"])
    assert (fleet["Id"], fleet["TargetSpotCapacity"]) == (ids["Fleet"], 2)
    wait_for_step(emr, ids["Cluster"], ids["Step"], "COMPLETED")

    cloudformation.update_stack(
        StackName=name,
        TemplateBody=BODY.replace("Value: red", "Value: blue"),
        Parameters=[
            {"ParameterKey": "Spot", "ParameterValue": "3"},
            {"ParameterKey": "Idle", "ParameterValue": "7200"},
        ],
        Capabilities=["CAPABILITY_IAM"],
    )
    wait_for_status(cloudformation, name, "UPDATE_COMPLETE")
    assert resources_of(cloudformation, name) == ids
    assert task_fleet(emr, ids["Cluster"])["TargetSpotCapacity"] == 3
    policy = emr.get_auto_termination_policy(ClusterId=ids["Cluster"])
    assert policy["AutoTerminationPolicy"]["IdleTimeout"] == 7200
    assert own_tags(describe(emr, ids["Cluster"])["Tags"]) == {"team": "blue"}

    # On AWS this fails: a fleet cannot be taken from a cluster.
    cloudformation.delete_stack(StackName=name)
    wait_for_status(cloudformation, stack, "DELETE_COMPLETE")
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    assert "DELETE_FAILED" not in {e["ResourceStatus"] for e in events}
    assert describe(emr, ids["Cluster"])["Status"]["State"] == "TERMINATED"
    code, _ = refused(emr.describe_security_configuration, Name=ids["Sealed"])
    assert code == "InvalidRequestException"


def test_a_cluster_that_cannot_be_says_why(cloudformation, unique):
    name = unique("cluster")
    body = """
Resources:
  Cluster:
    Type: AWS::EMR::Cluster
    Properties:
      Name: none
      ReleaseLabel: emr-7.0.0
      JobFlowRole: absent
      ServiceRole: absent
      Instances: {MasterInstanceGroup: {InstanceCount: 1, InstanceType: m5.xlarge}}
"""
    cloudformation.create_stack(StackName=name, TemplateBody=body)
    wait_for_status(cloudformation, name, "ROLLBACK_COMPLETE")
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    (failed,) = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert "absent" in failed["ResourceStatusReason"]
    cloudformation.delete_stack(StackName=name)


def test_a_studio_and_who_may_enter_it(client, cloudformation, bucket, unique):
    emr, name = client("emr"), unique("studio")
    body = f"""
Parameters: {{Words: {{Type: String, Default: one}}}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{Version: "2012-10-17", Statement: [{{Effect: Allow, Principal: {{Service: elasticmapreduce.amazonaws.com}}, Action: "sts:AssumeRole"}}]}}
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties: {{PolicyDocument: {{Version: "2012-10-17", Statement: [{{Effect: Allow, Action: "elasticmapreduce:*", Resource: "*"}}]}}}}
  Studio:
    Type: AWS::EMR::Studio
    Properties:
      Name: !Ref AWS::StackName
      Description: !Ref Words
      AuthMode: SSO
      DefaultS3Location: s3://{bucket}/studio
      EngineSecurityGroupId: sg-1
      WorkspaceSecurityGroupId: sg-2
      VpcId: vpc-1
      SubnetIds: [subnet-1]
      ServiceRole: !GetAtt Role.Arn
      UserRole: !GetAtt Role.Arn
      Tags: [{{Key: team, Value: red}}]
  Mapping:
    Type: AWS::EMR::StudioSessionMapping
    Properties: {{StudioId: !Ref Studio, IdentityType: USER, IdentityName: alice, SessionPolicyArn: !Ref Policy}}
Outputs: {{Url: {{Value: !GetAtt Studio.Url}}}}
"""
    options = {"StackName": name, "TemplateBody": body, "Capabilities": ["CAPABILITY_IAM"]}
    stack = cloudformation.create_stack(**options)["StackId"]
    wait_for_status(cloudformation, name, "CREATE_COMPLETE")
    ids = resources_of(cloudformation, name)
    studio = emr.describe_studio(StudioId=ids["Studio"])["Studio"]
    assert (studio["Name"], studio["Description"]) == (name, "one")
    mappings = emr.list_studio_session_mappings(StudioId=ids["Studio"])["SessionMappings"]
    assert [m["IdentityName"] for m in mappings] == ["alice"]
    words = [{"ParameterKey": "Words", "ParameterValue": "two"}]
    cloudformation.update_stack(**options, Parameters=words)
    wait_for_status(cloudformation, name, "UPDATE_COMPLETE")
    assert resources_of(cloudformation, name) == ids
    assert emr.describe_studio(StudioId=ids["Studio"])["Studio"]["Description"] == "two"
    cloudformation.delete_stack(StackName=name)
    wait_for_status(cloudformation, stack, "DELETE_COMPLETE")
    assert refused(emr.describe_studio, StudioId=ids["Studio"])[0] == "InvalidRequestException"
