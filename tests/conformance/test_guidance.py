"""The guidance, by its own commands: deployment, validation, a cluster of each kind, cleanup.

One operator with no more permissions than that takes, and one who works in the Studio by its role.
"""

from __future__ import annotations

import json
import time

import pytest
from guidance_steps import STACKS, Shell, operator_policy, outputs
from tarn_server import ROOT, TarnServer

# Users, profile, optimization; then the task fleet: its target, market and types.
ANSWERS = [
    (1, "small", "cost", 3, "Spot", ("m7g.2xlarge", "m7g.4xlarge")),
    (4, "medium", "reliability", 6, "OnDemand", ("r7g.4xlarge", "r7g.8xlarge")),
    (7, "large", "cost", 10, "Spot", ("r7g.8xlarge", "r7g.16xlarge")),
]


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """A server of the module's own: the guidance's names are the account's."""
    folder = tmp_path_factory.mktemp("guidance")
    running = TarnServer(folder, arguments=("--warm-drivers", "0")).start()
    yield running
    running.close()


@pytest.fixture
def operator(platform, monkeypatch):
    """The IAM user who deploys, in the repository's folder, as the guidance's commands want."""
    monkeypatch.chdir(ROOT)
    iam = platform.client("iam")
    arn = iam.create_user(UserName="operator")["User"]["Arn"]
    # A user's inline policies have 2,048 characters, and at most ten managed ones are attached.
    statements = operator_policy(platform.facts["account_id"])["Statement"]
    for number in range(8):
        document = {"Version": "2012-10-17", "Statement": statements[number::8]}
        policy = iam.create_policy(
            PolicyName=f"operator-{number}", PolicyDocument=json.dumps(document)
        )["Policy"]
        iam.attach_user_policy(UserName="operator", PolicyArn=policy["Arn"])
    key = iam.create_access_key(UserName="operator")["AccessKey"]
    shell = Shell(platform, key["AccessKeyId"], key["SecretAccessKey"])
    shell.arn = arn
    return shell


def deploy(operator):
    """The guidance's "Deployment Steps", word for word but for what stands in <…>."""
    user = operator.run("aws iam get-user --user-name operator")["User"]
    assert user["Arn"] == operator.arn
    operator.run(
        f"""
        aws cloudformation create-stack \
        --stack-name "analytics-with-emr" \
        --template-body file://deployment/templates/emr-studio-setup.yaml \
        --capabilities CAPABILITY_NAMED_IAM \
        --parameters ParameterKey=IAMUserArn,ParameterValue={user["Arn"]} \
        --region us-west-2
        """
    )
    operator.stack("analytics-with-emr")
    operator.run("aws ec2 create-key-pair --key-name emr-key --query KeyMaterial --output text")
    operator.run(
        """
        aws cloudformation create-stack \
        --stack-name "emr-service-catalog-product" \
        --template-body file://deployment/templates/emr-studio-service-catalog-setup.yaml \
        --parameters ParameterKey=DefaultSSHKey,ParameterValue=emr-key \
        --capabilities CAPABILITY_NAMED_IAM \
        --region us-west-2
        """
    )
    # The launch links of the third step name these URLs.
    url = "https://s3.us-west-2.amazonaws.com/emrstudio.sample.templates/templates"
    operator.run(
        f"aws cloudformation create-stack --stack-name emr-kinesis-stream"
        f" --template-url {url}/emr-kinesis-data-stream.yaml"
    )
    endpoint = operator.server.endpoint_url
    operator.run(
        f"aws cloudformation create-stack --stack-name kinesis-data-generator"
        f" --template-url {url}/kinesis-data-generator.yaml --capabilities CAPABILITY_IAM"
        f" --parameters ParameterKey=GeneratorEndpoint,ParameterValue={endpoint}"
    )


def validate(operator):
    """The guidance's "Deployment Validation": the stacks, three of them nested in the first."""
    studio = operator.stack("analytics-with-emr")
    for name in STACKS:
        assert operator.stack(name)["StackStatus"] == "CREATE_COMPLETE"
    names = [s["StackName"] for s in operator.run("aws cloudformation describe-stacks")["Stacks"]]
    for nested in ("EMRStudioUsers", "EMRStudioNetwork", "EMRClusterTemplateMacro"):
        (found,) = [n for n in names if n.startswith(f"analytics-with-emr-{nested}-")]
        described = operator.stack(found)
        assert (described["ParentId"], described["RootId"]) == (studio["StackId"],) * 2
        assert described["StackStatus"] == "CREATE_COMPLETE"
    return outputs(studio)


def assume(operator, studio):
    """ "Running the Guidance", steps 2 and 3: the role is found by its name."""
    assert "EMRStudioAdminRole" in studio["EMRStudioAdminRole"]
    keys = operator.run(
        f"aws sts assume-role --role-session-name studio --role-arn {studio['EMRStudioAdminRoleArn']}"
    )["Credentials"]
    return Shell(
        operator.server, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
    )


def record_of(shell, record):
    """A record of Service Catalog, once it is over."""
    deadline = time.monotonic() + 300
    while True:
        told = shell.run(f"aws servicecatalog describe-record --id {record}")
        status = told["RecordDetail"]["Status"]
        if status in ("SUCCEEDED", "FAILED"):
            assert status == "SUCCEEDED", told
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.3)


def provision(admin, users, profile, optimization):
    """Step 7: the cluster template is chosen by its name, and asks three questions."""
    found = admin.run("aws servicecatalog search-products")["ProductViewSummaries"]
    assert [product["Name"] for product in found] == ["emr-service-catalog-product"]
    answers = {
        "ClusterName": f"cluster-{profile}",
        "UserConcurrency": users,
        "MemoryProfile": profile,
        "Optimization": optimization,
    }
    parameters = " ".join(f"Key={key},Value={value}" for key, value in answers.items())
    return admin.run(
        f"aws servicecatalog provision-product --product-name emr-service-catalog-product"
        f" --provisioning-artifact-name v1 --provisioned-product-name {profile}"
        f" --provisioning-parameters {parameters}"
    )["RecordDetail"]["RecordId"]


def add_product(operator):
    """docs/guides/add-a-product.md: its product, and how it goes again."""
    product = outputs(operator.stack("emr-service-catalog-product"))
    portfolio, role = product["PortfolioId"], product["LaunchRoleArn"]
    url = "https://s3.us-west-2.amazonaws.com/emrstudio.sample.templates/templates"
    made = operator.run(
        f"""
        aws servicecatalog create-product --name notebook-only --owner "Cloud operations" \
        --product-type CLOUD_FORMATION_TEMPLATE --provisioning-artifact-parameters \
        'Name=v1,Type=CLOUD_FORMATION_TEMPLATE,Info={{LoadTemplateFromURL={url}/emr-notebook-only-cluster.yaml}}'
        """
    )["ProductViewDetail"]["ProductViewSummary"]["ProductId"]
    both = f"--portfolio-id {portfolio} --product-id {made}"
    operator.run(f"aws servicecatalog associate-product-with-portfolio {both}")
    parameters = json.dumps({"RoleArn": role})
    constraint = operator.run(
        f"aws servicecatalog create-constraint {both} --type LAUNCH --parameters '{parameters}'"
    )["ConstraintDetail"]["ConstraintId"]

    def remove():
        operator.run(f"aws servicecatalog delete-constraint --id {constraint}")
        operator.run(f"aws servicecatalog disassociate-product-from-portfolio {both}")
        operator.run(f"aws servicecatalog delete-product --id {made}")

    return remove


def check_fleets(admin, cluster, target, market, types):
    """Primary, core and task nodes as the answers say, and an end after a day without use."""
    fleets = admin.run(f"aws emr list-instance-fleets --cluster-id {cluster}")["InstanceFleets"]
    by_kind = {fleet["InstanceFleetType"]: fleet for fleet in fleets}
    assert len(fleets) == len(by_kind) == 3
    task = by_kind["TASK"]
    targets = {kind: task[f"Target{kind}Capacity"] for kind in ("Spot", "OnDemand")}
    other = "OnDemand" if market == "Spot" else "Spot"
    # Managed scaling takes away what nobody uses; it never grows past what was asked for.
    assert targets[other] == 0
    assert targets[market] <= target
    weights = {s["InstanceType"]: s["WeightedCapacity"] for s in task["InstanceTypeSpecifications"]}
    assert weights == {types[0]: 1, types[1]: 2}
    assert by_kind["CORE"]["TargetOnDemandCapacity"] == 1
    emr = admin.server.client("emr")
    limits = emr.get_managed_scaling_policy(ClusterId=cluster)["ManagedScalingPolicy"]
    assert limits["ComputeLimits"]["MaximumCapacityUnits"] == target + 1
    idle = emr.get_auto_termination_policy(ClusterId=cluster)["AutoTerminationPolicy"]
    assert idle["IdleTimeout"] == 24 * 3600


def test_the_guidance_from_its_first_command_to_its_cleanup(operator, platform):
    deploy(operator)
    studio = validate(operator)
    admin = assume(operator, studio)
    denied = admin.run(
        "aws emr create-cluster --release-label emr-7.1.0 --instance-type m7g.xlarge --instance-count 1",
        check=False,
    )
    assert "AccessDenied" in denied

    launched = [provision(admin, *answers[:3]) for answers in ANSWERS]
    for record, answers in zip(launched, ANSWERS, strict=True):
        told = record_of(admin, record)
        found = {o["OutputKey"]: o["OutputValue"] for o in told["RecordOutputs"]}
        assert found["TaskNodes"] == str(answers[3])
        check_fleets(admin, found["ClusterId"], *answers[3:])
        cluster = admin.run(f"aws emr describe-cluster --cluster-id {found['ClusterId']}")
        tags = {tag["Key"]: tag["Value"] for tag in cluster["Cluster"]["Tags"]}
        assert tags["for-use-with-amazon-emr-managed-policies"] == "true"
        assert cluster["Cluster"]["Name"] == f"cluster-{answers[1]}"

    remove_product = add_product(operator)
    single = admin.run(
        "aws servicecatalog provision-product --product-name notebook-only"
        " --provisioning-artifact-name v1 --provisioned-product-name single"
    )["RecordDetail"]["RecordId"]
    told = record_of(admin, single)["RecordOutputs"]
    (cluster,) = [o["OutputValue"] for o in told if o["OutputKey"] == "ClusterId"]
    groups = admin.run(f"aws emr describe-cluster --cluster-id {cluster}")["Cluster"]
    assert [g["InstanceGroupType"] for g in groups["InstanceGroups"]] == ["MASTER"]

    # What a cluster of those answers would cost on AWS, by its stack.
    stacks = platform.client("cloudformation").describe_stacks()["Stacks"]
    launched = [s["StackName"] for s in stacks if s["StackName"].startswith("SC-")]
    bill = json.loads(platform.tarn("cost", "estimate", launched[0], "--json").stdout)
    assert {item["service"] for item in bill["items"]} == {"EC2", "EMR", "EBS"}, bill

    # Cleanup. What must fail first fails clearly.
    bucket = studio["StudioBucket"]
    notebook = "notebooks/realtime-impression-tracking.ipynb"
    operator.run(f"aws s3 cp {notebook} s3://{bucket}/workspaces/")
    in_use = operator.run(
        "aws cloudformation delete-stack --stack-name analytics-with-emr", check=False
    )
    assert "cannot be deleted as it is in use by" in in_use

    names = [answers[1] for answers in ANSWERS] + ["single"]
    ended = [
        admin.run(
            f"aws servicecatalog terminate-provisioned-product --provisioned-product-name {name}"
        )["RecordDetail"]["RecordId"]
        for name in names
    ]
    for record in ended:
        record_of(admin, record)
    remove_product()
    operator.gone("emr-service-catalog-product")
    operator.run("aws cloudformation delete-stack --stack-name emr-kinesis-stream")
    operator.gone("kinesis-data-generator")
    operator.run(f"aws s3 rm s3://{bucket} --recursive")
    operator.gone("analytics-with-emr")
    left = operator.run("aws cloudformation describe-stacks")["Stacks"]
    assert [stack["StackName"] for stack in left if "DELETE" not in stack["StackStatus"]] == []
    clusters = platform.client("emr").list_clusters(ClusterStates=["STARTING", "WAITING"])
    assert clusters["Clusters"] == []


def test_tarn_deploys_and_destroys_it(fresh_server):
    first = fresh_server.tarn("deploy", "guidance", timeout_s=300)
    assert "[5/5] stack kinesis-data-generator" in first.stdout
    assert "EMRStudioNetwork                   CREATE_COMPLETE" in first.stdout
    key = fresh_server.data_dir / "keys" / "emr-cluster-key.pem"
    assert (key.stat().st_mode & 0o777, "PRIVATE KEY" in key.read_text()) == (0o600, True)
    again = fresh_server.tarn("deploy", "guidance", timeout_s=300)
    assert again.stdout.count("is there already") == 5
    cloudformation = fresh_server.client("cloudformation")
    stacks = {s["StackName"]: s["StackStatus"] for s in cloudformation.describe_stacks()["Stacks"]}
    assert {name: stacks.get(name) for name in STACKS} == dict.fromkeys(STACKS, "CREATE_COMPLETE")

    for stack, services in ((STACKS[0], {"NAT", "KMS"}), ("emr-kinesis-stream", {"Kinesis"})):
        bill = json.loads(fresh_server.tarn("cost", "estimate", stack, "--json").stdout)
        assert {item["service"] for item in bill["items"]} == services, bill

    (found,) = cloudformation.describe_stacks(StackName=STACKS[0])["Stacks"]
    bucket = outputs(found)["StudioBucket"]
    s3 = fresh_server.client("s3")
    for name in ("notes & plans <1>", "logs/one", "logs/two"):
        s3.put_object(Bucket=bucket, Key=name, Body=b"x")
    refused = fresh_server.tarn("destroy", "guidance", check=False)
    assert (refused.returncode, "give --yes" in refused.stderr) == (1, True)
    done = fresh_server.tarn("destroy", "guidance", "--yes", timeout_s=300)
    assert "3 deleted" in done.stdout
    assert cloudformation.describe_stacks()["Stacks"] == []
    assert not key.exists()
    assert fresh_server.client("ec2").describe_key_pairs()["KeyPairs"] == []
    over = fresh_server.tarn("destroy", "guidance")
    assert over.stdout.count("is not there") == 5
