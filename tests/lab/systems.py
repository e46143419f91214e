"""Builds five real systems on the emulators as their deployment documents describe them: functions with versions and
aliases, REST stages with two deployments, a listener rule with two target groups, alarms, budgets, health endpoints,
and a quarter of an hour of the metrics that AWS reports for each service, under AWS's own names.

Lambda, CloudWatch and the others are on the hand's own endpoint (ministack); what that one lacks is on moto.
Each function here without an underscore is a call of the service "systems" in hand.py.
"""

import datetime
import http.server
import json
import threading

import boto3
from botocore.config import Config

import seed

MINUTES = 20
STABLE, NEW = "2", "3"

SYSTEMS = {
    "receipt-vault": {
        "region": "eu-west-1",
        "functions": [
            *(
                (name, "live")
                for name in (
                    "receipt_crud ocr_refine sync_handler thumbnail_generator warranty_checker weekly_summary "
                    "user_deletion export_handler category_handler presigned_url_generator"
                ).split()
            )
        ],
        "runtime": "python3.12",
        "stages": [("receipt-vault-api", "prod")],
        "alarms": {
            "rv-error-rate-receipt_crud": ("AWS/Lambda", "Errors"),
            "rv-errors-ocr_refine": ("AWS/Lambda", "Errors"),
            "rv-api-latency": ("AWS/ApiGateway", "Latency"),
            "rv-ddb-throttles": ("AWS/DynamoDB", "ReadThrottleEvents"),
        },
        "budgets": [("receipt-vault-10", "10"), ("receipt-vault-50", "50"), ("receipt-vault-100", "100")],
        "metrics": [
            ("AWS/ApiGateway", {"ApiName": "receipt-vault-api", "Stage": "prod"}, "rest"),
            ("AWS/DynamoDB", {"TableName": "ReceiptVault"}, "table"),
            *(
                ("AWS/DynamoDB", {"TableName": "ReceiptVault", "GlobalSecondaryIndexName": f"GSI{n}"}, "table")
                for n in range(1, 7)
            ),
            ("AWS/S3", {"BucketName": "receipt-vault-images"}, "bucket"),
            ("us-east-1:AWS/CloudFront", {"DistributionId": "E2RECEIPTVAULT", "Region": "Global"}, "cdn"),
            (
                "ReceiptVault",
                {"Environment": "production"},
                "ReceiptsCreated OCRRefinementsProcessed OCRRefinementsFailed SyncOperationsCompleted "
                "SyncConflictsDetected WarrantyRemindersTriggered UserDeletionsProcessed",
            ),
        ],
    },
    "finally": {
        "region": "eu-central-1",
        "functions": [("finally-prod-api", "production"), ("finally-prod-api", "staging")],
        "runtime": "nodejs20.x",
        "alarms": {
            "finally-prod-critical-api-5xx": ("AWS/ApiGateway", "5xx"),
            "finally-prod-critical-database-cpu": ("AWS/RDS", "CPUUtilization"),
            "finally-prod-warning-api-latency": ("AWS/ApiGateway", "Latency"),
        },
        "metrics": [
            ("AWS/ApiGateway", {"ApiId": "f1na11yapi"}, "http"),
            ("AWS/RDS", {"DBInstanceIdentifier": "finally-prod-postgres"}, "database"),
            ("AWS/RDS", {"ProxyName": "finally-prod-proxy"}, "proxy"),
            ("us-east-1:AWS/CloudFront", {"DistributionId": "E1234ABCD5678", "Region": "Global"}, "cdn"),
        ],
        "health": {"success": True, "data": {"status": "healthy"}, "version": "1.4.0"},
    },
    "product-api": {
        "region": "us-east-1",
        "functions": [(f"product-api-prod-{name}", "live") for name in ("products", "orders", "search")],
        "runtime": "nodejs20.x",
        "stages": [("product-api-prod", "prod")],
        "alarms": {"product-api-prod-critical-errors": ("AWS/Lambda", "Errors")},
        "metrics": [
            ("AWS/ApiGateway", {"ApiName": "product-api-prod", "Stage": "prod"}, "rest"),
            ("AWS/RDS", {"DBInstanceIdentifier": "product-api-prod-db"}, "database"),
            ("AWS/RDS", {"ProxyName": "product-api-prod-proxy"}, "proxy"),
        ],
        "health": {"database": "connected", "circuit_breakers": {"payments": "closed", "search": "closed"}},
    },
    "flask-platform": {
        "region": "ap-south-1",
        "functions": [],
        "rule": ("flask-prod", "flask-blue", "flask-green"),
        "alarms": {
            "flask-prod-5xx-spike": ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"),
            "flask-prod-latency-p95": ("AWS/ApplicationELB", "TargetResponseTime"),
            "flask-prod-low-free-storage": ("AWS/RDS", "FreeStorageSpace"),
        },
        "metrics": [
            ("AWS/ECS", {"ClusterName": "flask-prod", "ServiceName": "flask-prod-blue"}, "service"),
            ("AWS/ECS", {"ClusterName": "flask-prod", "ServiceName": "flask-prod-green"}, "service"),
            ("AWS/RDS", {"DBInstanceIdentifier": "flask-prod-postgres"}, "database"),
            ("AWS/S3", {"BucketName": "flask-prod-uploads"}, "bucket"),
        ],
        "health": {"version": "2.3.1", "git_sha": "4f2a9c1", "database": "ok"},
    },
    "calculator": {
        "region": "us-east-1",
        "functions": [(f"calcapp-prod-{name}", "live") for name in ("auth", "history", "payment")],
        "runtime": "nodejs20.x",
        "alarms": {
            "calcapp-prod-critical-api-5xx": ("AWS/ApiGateway", "5xx"),
            "calcapp-prod-high-latency": ("AWS/ApiGateway", "Latency"),
            "calcapp-prod-medium-cdn-errors": ("AWS/CloudFront", "TotalErrorRate"),
        },
        "budgets": [("calcapp-monthly", "500")],
        "metrics": [
            ("AWS/ApiGateway", {"ApiId": "ca1capp123"}, "http"),
            ("AWS/RDS", {"DBClusterIdentifier": "calcapp-prod"}, "cluster"),
            ("AWS/RDS", {"DBInstanceIdentifier": "calcapp-prod-instance-1"}, "instance"),
            ("AWS/ElastiCache", {"CacheClusterId": "calcapp-prod"}, "cache"),
            ("AWS/S3", {"BucketName": "calcapp-prod-static"}, "bucket"),
            ("AWS/CloudFront", {"DistributionId": "E1234567890ABC", "Region": "Global"}, "cdn"),
            ("AWS/Billing", {"Currency": "USD"}, "bill"),
            (
                "CalcApp",
                {"Environment": "production"},
                "Registrations SubscriptionsCreated SubscriptionsCancelled Calculations Payments PaymentsFailed",
            ),
        ],
        "health": {"status": "ok"},
    },
}

# What AWS reports for each kind of resource, with a plausible value. Events that do not happen are not reported.
VALUES = {
    "rest": {"Count": 60, "4XXError": 1, "5XXError": 0, "Latency": 80, "IntegrationLatency": 70},
    "http": {"Count": 60, "4xx": 1, "5xx": 0, "Latency": 80, "IntegrationLatency": 70},
    "table": {"ConsumedReadCapacityUnits": 40, "ConsumedWriteCapacityUnits": 12},
    "bucket": {"BucketSizeBytes": 5e9, "NumberOfObjects": 12_000},
    "cdn": {"Requests": 300, "TotalErrorRate": 0.2, "5xxErrorRate": 0.1, "4xxErrorRate": 0.1, "BytesDownloaded": 1e6},
    "database": {
        "CPUUtilization": 23,
        "DatabaseConnections": 31,
        "ReadLatency": 0.002,
        "WriteLatency": 0.004,
        "FreeStorageSpace": 60e9,
        "FreeableMemory": 2e9,
    },
    "proxy": {
        "ClientConnections": 20,
        "DatabaseConnections": 12,
        "MaxDatabaseConnectionsAllowed": 100,
        "DatabaseConnectionsSetupFailed": 0,
        "QueryDatabaseResponseLatency": 2_500,
        "DatabaseConnectionsBorrowLatency": 300,
    },
    "cluster": {"ServerlessDatabaseCapacity": 1.5, "VolumeBytesUsed": 20e9, "CPUUtilization": 30},
    "instance": {
        "CPUUtilization": 30,
        "DatabaseConnections": 18,
        "ACUUtilization": 37,
        "ServerlessDatabaseCapacity": 1.5,
        "FreeLocalStorage": 10e9,
        "ReadLatency": 0.001,
        "WriteLatency": 0.002,
    },
    "cache": {"CacheHitRate": 92, "CacheHits": 920, "CacheMisses": 80, "CPUUtilization": 8, "EngineCPUUtilization": 6},
    "service": {"CPUUtilization": 35, "MemoryUtilization": 48},
    "balancer": {"RequestCount": 120, "TargetResponseTime": 0.08, "HTTPCode_ELB_5XX_Count": 0},
    "group": {"RequestCount": 120, "TargetResponseTime": 0.08, "HealthyHostCount": 1, "UnHealthyHostCount": 0},
    "bill": {"EstimatedCharges": 212},
}


def build(hand, name: str, moto: str) -> dict:
    """The whole system. The answer holds what the emulators named themselves: texts of the example's configuration, and
    what stands in their place here."""
    system = SYSTEMS[name]
    region = system["region"]
    others = {service: _client(service, moto, region) for service in ("ec2", "elbv2", "apigateway", "budgets")}
    here = {service: _client(service, hand.endpoint, region) for service in ("lambda", "cloudwatch", "iam")}
    here["iam"].create_role(RoleName="lambda", AssumeRolePolicyDocument="{}")
    for function in dict.fromkeys(function for function, _ in system["functions"]):
        _function(here["lambda"], function, system["runtime"])
    for function, alias in system["functions"]:
        here["lambda"].create_alias(FunctionName=function, Name=alias, FunctionVersion=STABLE)
        _calls(here["cloudwatch"], function, alias)
    for alarm, watched in system["alarms"].items():
        _alarm(here["cloudwatch"], alarm, *watched)
    for budget, limit in system.get("budgets", []):
        _budget(others["budgets"], budget, limit)
    replaced = {}
    for api, stage in system.get("stages", []):
        replaced[f"api:{api}"] = _rest_stage(others["apigateway"], api, stage)
    if rule := system.get("rule"):
        replaced.update(_rule(others, here["cloudwatch"], *rule))
    for namespace, dimensions, kind in system["metrics"]:
        _report(hand.endpoint, region, namespace, dimensions, kind)
    replaced["health"] = _health(system.get("health", {}))
    return replaced


def seen(hand, name: str, moto: str) -> dict:
    """Where the traffic of every target goes, as boto3 sees it."""
    system = SYSTEMS[name]
    region = system["region"]
    found = {}
    functions = _client("lambda", hand.endpoint, region)
    for function, alias in system["functions"]:
        now = functions.get_alias(FunctionName=function, Name=alias)
        weights = now.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        also = "".join(f" + {version}: {weight}" for version, weight in weights.items())
        found[f"{function}:{alias}"] = now["FunctionVersion"] + also
    apis = _client("apigateway", moto, region)
    for api, stage in system.get("stages", []):
        known = {item["name"]: item["id"] for item in apis.get_rest_apis()["items"]}
        now = apis.get_stage(restApiId=known[api], stageName=stage)["deploymentId"]
        items = apis.get_deployments(restApiId=known[api])["items"]
        found[f"{api}:{stage}"] = next(item.get("description", "") for item in items if item["id"] == now)
    if system.get("rule"):
        balancers = _client("elbv2", moto, region)
        listener = balancers.describe_listeners(
            LoadBalancerArn=balancers.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
        )["Listeners"][0]["ListenerArn"]
        rules = balancers.describe_rules(ListenerArn=listener)["Rules"]
        forward = next(rule for rule in rules if not rule["IsDefault"])["Actions"][-1]["ForwardConfig"]
        shares = {group["TargetGroupArn"].split("/")[1]: group["Weight"] for group in forward["TargetGroups"]}
        found["web"] = ", ".join(f"{group} {weight}" for group, weight in sorted(shares.items()))
    return found


def _client(service: str, endpoint: str, region: str):
    settings = Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=20)
    return boto3.client(service, endpoint_url=endpoint, region_name=region, config=settings)


def _function(client, name: str, runtime: str) -> None:
    handler = "index.handler"
    client.create_function(
        FunctionName=name,
        Runtime=runtime,
        Role=seed.ROLE,
        Handler=handler,
        MemorySize=512,
        Timeout=30,
        Code={"ZipFile": seed.archive(0)},
    )
    for number in (1, 2, 3):
        client.update_function_code(FunctionName=name, ZipFile=seed.archive(number))
        seed.settled(client, name)
        client.publish_version(FunctionName=name, Description=f"v1.{number}.0")


def _calls(client, function: str, alias: str) -> None:
    pair = {"FunctionName": function, "Resource": f"{function}:{alias}"}
    data = []
    for minute in _minutes():
        for dimensions in ({"FunctionName": function}, pair, {**pair, "ExecutedVersion": STABLE}):
            data += seed.minute_of(dimensions, minute, 60, 0, 200)
        data.append(_datum({"FunctionName": function}, minute, "ConcurrentExecutions", 3))
    client.put_metric_data(Namespace="AWS/Lambda", MetricData=data)


def _alarm(client, name: str, namespace: str, metric: str) -> None:
    client.put_metric_alarm(
        AlarmName=name,
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": "Nothing", "Value": name}],
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1_000_000_000,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )


def _budget(client, name: str, limit: str) -> None:
    client.create_budget(
        AccountId=seed.ACCOUNT,
        Budget={
            "BudgetName": name,
            "BudgetLimit": seed.dollars(limit),
            "TimeUnit": "MONTHLY",
            "BudgetType": "COST",
            "CalculatedSpend": {"ActualSpend": seed.dollars("4.2"), "ForecastedSpend": seed.dollars("62")},
        },
    )


def _rest_stage(client, name: str, stage: str) -> str:
    """A stage on the first of two deployments. They differ by a second, for AWS orders them by date."""
    api = client.create_rest_api(name=name)["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    client.put_integration(
        restApiId=api, resourceId=root, httpMethod="GET", type="HTTP", uri="http://a.test", integrationHttpMethod="GET"
    )
    first = client.create_deployment(restApiId=api, stageName=stage, description="first")
    while True:
        second = client.create_deployment(restApiId=api, description="second")
        if second["createdDate"] > first["createdDate"]:
            return api
        client.delete_deployment(restApiId=api, deploymentId=second["id"])


def _rule(clients: dict, cloudwatch, balancer: str, live: str, waiting: str) -> dict:
    """A load balancer whose rule sends everything to the first of two groups, each with a healthy target."""
    ec2, elb = clients["ec2"], clients["elbv2"]
    network = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = ec2.describe_availability_zones()["AvailabilityZones"][:2]
    subnets = [
        ec2.create_subnet(VpcId=network, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=zone["ZoneName"])
        for index, zone in enumerate(zones)
    ]
    made = elb.create_load_balancer(Name=balancer, Subnets=[subnet["Subnet"]["SubnetId"] for subnet in subnets])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    groups = []
    for name in (live, waiting):
        group = elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=network, TargetType="ip")
        groups.append(group["TargetGroups"][0]["TargetGroupArn"])
        elb.register_targets(TargetGroupArn=groups[-1], Targets=[{"Id": "10.0.0.5", "Port": 80}])
    nothing = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    listener = elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[nothing])
    weights = [
        {"TargetGroupArn": group, "Weight": weight} for group, weight in zip(groups, (100, 0), strict=True)
    ]
    rule = elb.create_rule(
        ListenerArn=listener["Listeners"][0]["ListenerArn"],
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}],
    )
    short = arn.split("loadbalancer/")[1]
    whole = {"LoadBalancer": short}
    ends = [group.split(":")[-1] for group in groups]
    data = []
    for minute in _minutes():
        data += [_datum(whole, minute, metric, value) for metric, value in VALUES["balancer"].items()]
        for end, share in zip(ends, (1, 0), strict=True):
            values = {**VALUES["group"], "RequestCount": 120 * share}
            data += [_datum({**whole, "TargetGroup": end}, minute, metric, value) for metric, value in values.items()]
    cloudwatch.put_metric_data(Namespace="AWS/ApplicationELB", MetricData=data)
    return {"rule": rule["Rules"][0]["RuleArn"], "balancer": short, live: ends[0], waiting: ends[1]}


def _report(endpoint: str, region: str, namespace: str, dimensions: dict, kind: str):
    if ":" in namespace:
        region, namespace = namespace.split(":")
    client = _client("cloudwatch", endpoint, region)
    values = VALUES.get(kind) or {metric: 5 for metric in kind.split()}
    if kind == "bucket":
        return _bucket(client, dimensions, values)
    data = [_datum(dimensions, at, metric, value) for at in _minutes() for metric, value in values.items()]
    return client.put_metric_data(Namespace=namespace, MetricData=data)


def _bucket(client, dimensions: dict, values: dict) -> None:
    """S3 reports its storage once a day, at midnight, by storage type."""
    midnight = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight - datetime.timedelta(days=1)
    size = {**dimensions, "StorageType": "StandardStorage"}
    count = {**dimensions, "StorageType": "AllStorageTypes"}
    data = [
        _datum(size, day, "BucketSizeBytes", values["BucketSizeBytes"]),
        _datum(count, day, "NumberOfObjects", values["NumberOfObjects"]),
    ]
    client.put_metric_data(Namespace="AWS/S3", MetricData=data)


def _datum(dimensions: dict, at: datetime.datetime, metric: str, value: float) -> dict:
    where = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"MetricName": metric, "Dimensions": where, "Timestamp": at, "Value": float(value)}


def _minutes():
    end = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    return [end - datetime.timedelta(minutes=minute) for minute in range(MINUTES, 0, -1)]


def _health(body: dict) -> str:
    """A server that answers every path like the system's health endpoints. It lives as long as this process."""

    class Endpoint(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            text = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
