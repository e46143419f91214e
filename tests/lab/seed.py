"""Fills an emulator with a small service in the state in which a release begins: every function has three published
versions, its alias is on the second, and half an hour of metrics stands behind it.

Each function here is a call of the service "seed" in hand.py.
"""

import datetime
import io
import time
import zipfile

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/lambda"
MINUTES = 30
CALLS_AT_ONCE = 120


def service(hand, names: list[str], stable: str = "2", metrics: bool = True) -> None:
    """Functions, their versions, the alias `live`, an alarm each, and what CloudWatch knows of them."""
    hand.client("iam").create_role(RoleName="lambda", AssumeRolePolicyDocument="{}")
    for name in names:
        function(hand, name, stable)
        if metrics:
            past(hand, name, stable)
            alarm(hand, name)


def function(hand, name: str, stable: str) -> None:
    client = hand.client("lambda")
    client.create_function(
        FunctionName=name, Runtime="python3.12", Role=ROLE, Handler="index.handler", Code={"ZipFile": archive(0)}
    )
    for number in (1, 2, 3):
        publish(hand, name, number)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion=stable)


def many(hand, names: list[str], alias: str = "live") -> None:
    """Functions as somebody finds them who sees an account for the first time: one version, one alias."""
    iam = hand.client("iam")
    if not any(role["RoleName"] == "lambda" for role in iam.list_roles()["Roles"]):
        iam.create_role(RoleName="lambda", AssumeRolePolicyDocument="{}")
    client = hand.client("lambda")
    for name in names:
        client.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=ROLE,
            Handler="index.handler",
            Code={"ZipFile": archive(0)},
            Publish=True,
        )
        client.create_alias(FunctionName=name, Name=alias, FunctionVersion="1")


def publish(hand, name: str, number: int, role: str | None = None) -> str:
    """A new version with code of its own; the answer is its number."""
    client = hand.client("lambda")
    client.update_function_code(FunctionName=name, ZipFile=archive(number))
    settled(client, name)
    if role:
        client.update_function_configuration(FunctionName=name, Role=role)
        settled(client, name)
    return client.publish_version(FunctionName=name, Description=f"build {100 + number}")["Version"]


def settled(client, name: str) -> None:
    """Waits until the last change of a function is done, as AWS wants before the next."""
    deadline = time.monotonic() + 20
    while client.get_function_configuration(FunctionName=name).get("LastUpdateStatus", "Successful") != "Successful":
        if time.monotonic() > deadline:
            raise TimeoutError(f"the update of {name} does not come to an end")
        time.sleep(0.02)


def archive(number: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("index.py", f"def handler(event, context):\n    return {number}\n")
    return buffer.getvalue()


def past(hand, name: str, stable: str) -> None:
    """A tenth of 200 calls a minute went to version 3, which fails for every fifth of them; the rest for one in 90."""
    client = hand.client("cloudwatch")
    end = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    function = {"FunctionName": name}
    alias = {**function, "Resource": f"{name}:live"}
    for minute in range(MINUTES, 0, -1):
        at = end - datetime.timedelta(minutes=minute)
        data = []
        for dimensions, calls, errors, slow in (
            (function, 200, 6, 300),
            (alias, 200, 6, 300),
            ({**alias, "ExecutedVersion": stable}, 180, 2, 200),
            ({**alias, "ExecutedVersion": "3"}, 20, 4, 900),
        ):
            data += minute_of(dimensions, at, calls, errors, slow)
        client.put_metric_data(Namespace="AWS/Lambda", MetricData=data)


def minute_of(dimensions: dict, at: datetime.datetime, calls: int, errors: int, slow: int) -> list[dict]:
    where = {"Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()], "Timestamp": at}
    counts = {"Invocations": calls, "Errors": errors, "Throttles": 0}
    durations = [float(slow * step / 20) for step in range(1, 21)]
    return [
        *({**where, "MetricName": metric, "Value": count, "Unit": "Count"} for metric, count in counts.items()),
        {**where, "MetricName": "Duration", "Values": durations, "Counts": [1.0] * 20, "Unit": "Milliseconds"},
    ]


def present(hand, names: list[str], sick: bool) -> None:
    """Calls of this moment, as Lambda would report them: by the weights of the alias as they are. A new version that is
    sick fails for every third call."""
    client = hand.client("cloudwatch")
    at = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    for name in names:
        found = hand.client("lambda").get_alias(FunctionName=name, Name="live")
        primary = found["FunctionVersion"]
        weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        calls = {version: round(CALLS_AT_ONCE * weight) for version, weight in weights.items()}
        calls[primary] = CALLS_AT_ONCE - sum(calls.values())
        errors = {version: count // 3 if sick and version == "3" else 0 for version, count in calls.items()}
        function = {"FunctionName": name}
        alias = {**function, "Resource": f"{name}:live"}
        whole = (sum(calls.values()), sum(errors.values()), 200)
        data = minute_of(function, at, *whole) + minute_of(alias, at, *whole)
        for version, count in calls.items():
            data += minute_of({**alias, "ExecutedVersion": version}, at, count, errors[version], 200)
        client.put_metric_data(Namespace="AWS/Lambda", MetricData=data)


def alarm(hand, name: str) -> None:
    hand.client("cloudwatch").put_metric_alarm(
        AlarmName=f"rv-{name}-errors",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": name}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1_000_000,
        ComparisonOperator="GreaterThanThreshold",
    )


def lonely_alarm(hand, name: str) -> None:
    """An alarm on a metric of no function."""
    hand.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Shop",
        MetricName="Orders",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1_000_000,
        ComparisonOperator="GreaterThanThreshold",
    )


def alarms(hand, names: list[str]) -> None:
    """Many of them."""
    for name in names:
        lonely_alarm(hand, name)


def budget(hand, name: str, limit: str, actual: str, forecast: str) -> None:
    spent = {"ActualSpend": dollars(actual), "ForecastedSpend": dollars(forecast)}
    hand.client("budgets").create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": name,
            "BudgetLimit": dollars(limit),
            "TimeUnit": "MONTHLY",
            "BudgetType": "COST",
            "CalculatedSpend": spent,
        },
    )


def dollars(amount: str) -> dict:
    return {"Amount": amount, "Unit": "USD"}


def balancer(hand, groups: list[str], sticky: bool = False) -> dict:
    """A load balancer with a rule that forwards all to the first of these target groups and names the others with
    weight 0. Every group has two targets. The answer has the ARNs of the rule, of the listener and of the groups."""
    ec2, elb = hand.client("ec2"), hand.client("elbv2")
    network = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=network, CidrBlock=f"10.0.{part}.0/24", AvailabilityZone=f"{hand.region}{zone}")
        for part, zone in enumerate("ab")
    ]
    subnets = [subnet["Subnet"]["SubnetId"] for subnet in subnets]
    balancer = elb.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    arns = [target_group(elb, name, network, host) for host, name in enumerate(groups, start=10)]
    weighted = [{"TargetGroupArn": arn, "Weight": 0 if index else 1} for index, arn in enumerate(arns)]
    forward = {"TargetGroups": weighted, "TargetGroupStickinessConfig": {"Enabled": sticky, "DurationSeconds": 60}}
    actions = [{"Type": "forward", "ForwardConfig": forward}]
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[fixed])
    listener = listener["Listeners"][0]["ListenerArn"]
    conditions = [{"Field": "path-pattern", "Values": ["/*"]}]
    rule = elb.create_rule(ListenerArn=listener, Priority=1, Conditions=conditions, Actions=actions)
    return {"rule": rule["Rules"][0]["RuleArn"], "listener": listener, "balancer": balancer, "groups": arns}


def target_group(elb, name: str, network: str, host: int) -> str:
    group = elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=network, TargetType="ip")
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    targets = [{"Id": f"10.0.{part}.{host}", "Port": 80} for part in (0, 1)]
    elb.register_targets(TargetGroupArn=arn, Targets=targets)
    return arn


def rest_api(hand, name: str, stage: str) -> dict:
    """A REST API with two deployments a second apart, its stage at the first."""
    client = hand.client("apigateway")
    api = client.create_rest_api(name=name)["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    client.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    first = client.create_deployment(restApiId=api, stageName=stage, description="build 101")["id"]
    time.sleep(1.1)
    second = client.create_deployment(restApiId=api, description="build 102")["id"]
    return {"api": api, "first": first, "second": second}


def resources(hand) -> None:
    """Twenty minutes of a table, a load balancer, a database, a bucket and, in its own region, a distribution."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    vault, web = {"TableName": "ReceiptVault"}, {"LoadBalancer": "app/web/50dc6c495c0c9188"}
    database = {"DBInstanceIdentifier": "db"}
    for minute in range(20, 0, -1):
        at = now - datetime.timedelta(minutes=minute)
        throttled = [("ReadThrottleEvents", vault, 3.0)] if minute == 5 else []
        told_of(hand, "AWS/DynamoDB", at, [("ConsumedReadCapacityUnits", vault, 40.0), *throttled])
        counts = [("RequestCount", web, 200.0), ("HTTPCode_Target_5XX_Count", web, 24.0)]
        told_of(hand, "AWS/ApplicationELB", at, [*counts, ("TargetResponseTime", web, 0.18)])
        load = [("CPUUtilization", database, 35.0), ("DatabaseConnections", database, 410.0)]
        told_of(hand, "AWS/RDS", at, [*load, ("FreeStorageSpace", database, 5.0 * 2**30)])
        anywhere = {"DistributionId": "E1", "Region": "Global"}
        told_of(hand, "AWS/CloudFront", at, [("TotalErrorRate", anywhere, 2.5)], "us-east-1")
    day = now.replace(hour=0, minute=0)
    standard = {"BucketName": "images", "StorageType": "StandardStorage"}
    rare = {"BucketName": "images", "StorageType": "StandardIAStorage"}
    told_of(hand, "AWS/S3", day, [("BucketSizeBytes", standard, 1000.0), ("BucketSizeBytes", rare, 24.0)])


def told_of(hand, namespace: str, at: datetime.datetime, values: list[tuple], region: str | None = None) -> None:
    """Points of one moment, as a service would report them."""
    client = hand.client("cloudwatch", region=region)
    data = [
        {
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": of} for name, of in dimensions.items()],
            "Timestamp": at,
            "Value": value,
        }
        for metric, dimensions, value in values
    ]
    client.put_metric_data(Namespace=namespace, MetricData=data)
