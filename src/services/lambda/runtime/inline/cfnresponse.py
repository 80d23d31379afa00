"""Answers CloudFormation from a custom resource: the module that AWS puts beside inline code.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html
"""

import json

import urllib3

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(
    event,
    context,
    responseStatus,  # noqa: N803 - the names are AWS's: callers may use them
    responseData,  # noqa: N803
    physicalResourceId=None,  # noqa: N803
    noEcho=False,  # noqa: N803
    reason=None,
):
    body = {
        "Status": responseStatus,
        "Reason": reason or f"See the details in CloudWatch Log Stream: {context.log_stream_name}",
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }
    answer = urllib3.PoolManager().request(
        "PUT", event["ResponseURL"], headers={"content-type": ""}, body=json.dumps(body)
    )
    print("Status code:", answer.status)
