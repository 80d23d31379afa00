"""What templates/ say, without a server: the macro by itself, names that templates share, AWS's limits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
EXECUTORS_PER_NODE = {"small": 3, "medium": 7, "large": 7}


class Reader(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation's functions."""


def read_function(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


Reader.add_multi_constructor("!", read_function)


def template(name):
    return yaml.load((TEMPLATES / f"{name}.yaml").read_text(), Reader)


def find(part, function):
    """All arguments of a function below a part of a template."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == function:
                yield value
            yield from find(value, function)
    elif isinstance(part, list):
        for value in part:
            yield from find(value, function)


@pytest.fixture(scope="module")
def macro():
    """The function of the macro EMRClusterSizing, as Lambda gets it."""
    resources = template("emr-studio-transform-lambda")["Resources"]
    code = {}
    exec(resources["MacroFunction"]["Properties"]["Code"]["ZipFile"], code)
    return code["handler"]


def ask(macro, answers, **asked):
    """What the macro answers; `asked` are the parameters of Fn::Transform."""
    params = {"Users": "Users", "Profile": "Profile", "ExecutorsPerUser": 10} | asked
    params.setdefault("ExecutorsPerNode", EXECUTORS_PER_NODE)
    event = {
        "region": "us-west-2",
        "accountId": "123456789012",
        "fragment": {},
        "transformId": "123456789012::EMRClusterSizing",
        "params": params,
        "requestId": "one",
        "templateParameterValues": answers,
    }
    answer = macro(event, None)
    assert answer["requestId"] == "one"
    return answer


@pytest.mark.parametrize(
    ("users", "profile", "nodes"),
    [
        ("1", "small", 3),  # 10 / 3 = 3.33
        ("2", "small", 7),  # 6.67
        ("5", "small", 17),  # 16.67
        ("1", "medium", 1),  # 1.43
        ("3", "medium", 4),  # 4.29
        ("4", "medium", 6),  # 5.71
        ("1", "large", 1),
        ("7", "large", 10),
        ("50", "large", 71),  # 71.43
        ("50", "small", 167),
        (6, "small", 20),  # a number, as other callers send it
    ],
)
def test_nodes_are_the_rounded_quotient(macro, users, profile, nodes):
    answer = ask(macro, {"Users": users, "Profile": profile})
    assert (answer["status"], answer["fragment"]) == ("success", nodes)
    beside = ask(macro, {"Users": users, "Profile": profile}, Plus=2)
    assert beside["fragment"] == nodes + 2


def test_half_a_node_is_a_whole_one_and_none_is_one(macro):
    answers = {"Users": "1", "Profile": "small"}
    half = ask(macro, answers, ExecutorsPerUser=5, ExecutorsPerNode={"small": 2})
    assert half["fragment"] == 3
    assert ask(macro, {"Users": "0", "Profile": "small"})["fragment"] == 1


def test_executors_are_counted_too(macro):
    answer = ask(macro, {"Users": "4", "Profile": "any"}, Count="executors")
    assert answer["fragment"] == 40


@pytest.mark.parametrize(
    ("answers", "asked", "words"),
    [
        ({"Users": "many", "Profile": "small"}, {}, "Users is 'many', not a whole number"),
        ({"Users": "-1", "Profile": "small"}, {}, "Users is -1: it cannot be negative"),
        ({"Profile": "small"}, {}, "Users names Users, which is no parameter of the template"),
        ({"Users": "1", "Profile": "huge"}, {}, "ExecutorsPerNode has no 'huge'; it has large"),
        ({"Users": "1", "Profile": "small"}, {"Users": None}, "lack Users"),
        (
            {"Users": "1", "Profile": "small"},
            {"ExecutorsPerNode": {"small": 0}},
            "ExecutorsPerNode.small is 0",
        ),
    ],
)
def test_what_cannot_be_sized_says_why(macro, answers, asked, words):
    answer = ask(macro, answers, **asked)
    assert answer["status"] == "failure"
    assert words in answer["errorMessage"]


def test_every_question_to_the_macro_is_the_guidances():
    """Ten executors a user; three of them on a node of the small profile, seven of the others."""
    cluster = template("emr-cluster-template-for-service-catalog")
    questions = list(find(cluster, "Fn::Transform"))
    assert len(questions) == 5
    for question in questions:
        assert question["Name"] == "EMRClusterSizing"
        asked = question["Parameters"]
        assert (asked["ExecutorsPerUser"], asked["ExecutorsPerNode"]) == (10, EXECUTORS_PER_NODE)
        assert {asked["Users"], asked["Profile"]} <= cluster["Parameters"].keys()


def test_what_one_template_imports_another_exports():
    exported = set()
    for path in TEMPLATES.glob("*.yaml"):
        outputs = template(path.stem).get("Outputs", {})
        exported |= {o["Export"]["Name"] for o in outputs.values() if "Export" in o}
    for path in TEMPLATES.glob("*.yaml"):
        assert set(find(template(path.stem), "Fn::ImportValue")) <= exported, path.name


def test_nested_stacks_get_what_they_take_and_give_what_is_read():
    setup = template("emr-studio-setup")
    read = [text.split(".") for text in find(setup, "Fn::GetAtt") if ".Outputs." in text]
    nested = {
        name: resource["Properties"]
        for name, resource in setup["Resources"].items()
        if resource["Type"] == "AWS::CloudFormation::Stack"
    }
    assert nested.keys() == {"EMRStudioUsers", "EMRStudioNetwork", "EMRClusterTemplateMacro"}
    for name, properties in nested.items():
        child = template(Path(properties["TemplateURL"]["Fn::Sub"]).stem)
        needed = {k for k, v in child.get("Parameters", {}).items() if "Default" not in v}
        assert (
            needed <= properties.get("Parameters", {}).keys() <= child.get("Parameters", {}).keys()
        )
        assert {output for stack, _, output in read if stack == name} <= child["Outputs"].keys()


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: characters without
# white space, of a managed policy and of all that stand in one role.
MOST_MANAGED, MOST_INLINE = 6144, 10240


def size_of(document):
    """As long as it is once the functions have their values."""
    account = {"${AWS::Partition}": "aws", "${AWS::AccountId}": "123456789012"}
    account |= {"${AWS::Region}": "ap-southeast-2"}
    account |= {"${StudioBucketArn}": "arn:aws:s3:::analytics-with-emr-studiobucket-1a2b3c4d5e6f"}
    text = json.dumps(document, separators=(",", ":"))
    for name, value in account.items():
        text = text.replace(name, value)
    return len(text)


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.yaml")), ids=lambda path: path.stem)
def test_policies_are_no_larger_than_iam_takes(path):
    for resource in template(path.stem)["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            assert size_of(properties["PolicyDocument"]) < MOST_MANAGED
        if resource["Type"] == "AWS::IAM::Role":
            documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
            assert sum(map(size_of, documents)) < MOST_INLINE


def test_templates_fit_into_a_request():
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
    for path in TEMPLATES.glob("*.yaml"):
        assert path.stat().st_size <= 51200, path.name
    assert (TEMPLATES.parent / "deployment" / "templates").resolve() == TEMPLATES
