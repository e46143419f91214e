//! What is moved beside functions, against moto: the weights of a listener's rule and the deployment of a REST stage, as
//! boto3 sees them afterwards.

use serde_json::{Value, json};

use crate::{
    Vault,
    lab::{hand::Hand, server::Server},
};

/// A function, a rule with two groups and a stage with two deployments, released together.
pub struct Shop {
    pub vault: Vault,
    pub rule: String,
    pub stage: Value,
}

impl Shop {
    pub fn new() -> Self {
        let vault = Vault::on(Server::moto(), &["receipt_crud"], false);
        let balancer = vault.other.ask("seed", "balancer", json!({"groups": ["blue", "green"]}));
        let stage = vault.other.ask("seed", "rest_api", json!({"name": "vault-api", "stage": "prod"}));
        let shop = Self { vault, rule: balancer["rule"].as_str().unwrap().to_owned(), stage };
        shop.configure(&shop.rule);
        shop
    }

    fn configure(&self, rule: &str) {
        let (url, api) = (&self.vault.server.url, self.stage["api"].as_str().unwrap());
        self.vault.person.write_config(&format!(
            r#"
[environments.production]
region = "eu-west-1"
endpoint_url = "{url}"
functions = [{{ name = "receipt_crud" }}]
listeners = [{{ name = "web", rule = "{rule}" }}]
stages = [{{ name = "vault-api", api = "{api}", stage = "prod" }}]
"#
        ));
    }

    pub fn hand(&self) -> &Hand {
        &self.vault.other
    }

    /// Where everything is, as boto3 sees it: the alias, the weights of blue and green, the deployment.
    pub fn places(&self) -> (String, [i64; 2], &'static str) {
        let rule = self.hand().ask("elbv2", "describe_rules", json!({"RuleArns": [self.rule]}));
        let groups = &rule["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"];
        let stage = json!({"restApiId": self.stage["api"], "stageName": "prod"});
        let stage = self.hand().ask("apigateway", "get_stage", stage);
        let deployment = if stage["deploymentId"] == self.stage["second"] { "second" } else { "first" };
        (self.hand().routing("receipt_crud"), [0, 1].map(|at| groups[at]["Weight"].as_i64().unwrap()), deployment)
    }
}

#[test]
fn a_function_a_rule_and_a_stage_go_up_together_and_back_at_once() {
    let shop = Shop::new();
    let status = shop.vault.run(&["status", "--json"]).json();
    let facts = |index: usize| {
        let target = &status["targets"][index];
        ["name", "kind", "stable", "new", "percent"].map(|name| target[name].clone())
    };
    assert_eq!(facts(0)[..4], ["receipt_crud", "alias", "2", "3"].map(Value::from));
    assert_eq!(facts(1), [json!("web"), json!("listener"), json!("blue"), json!("green"), json!(0.0)]);
    let deployments = ["first", "second"].map(|which| shop.stage[which].clone());
    assert_eq!(facts(2)[..4], [json!("vault-api"), json!("stage"), deployments[0].clone(), deployments[1].clone()]);
    assert_eq!(status["targets"][1]["versions"][1]["description"], "2 of 2 healthy");
    assert_eq!(status["functions"].as_array().unwrap().len(), 1);

    let plan = shop.vault.run(&["shift", "10"]).expect(0);
    assert!(plan.stdout.contains("goes at 100 %: it cannot be split"), "{plan:?}");
    let outcome = shop.vault.run(&["shift", "10", "--yes", "--json"]).expect(0).json();
    let outcomes: Vec<&str> = outcome.as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["done", "done", "waits"], "{outcome}");
    assert_eq!(shop.places(), ("2 + 3: 0.1".to_owned(), [90, 10], "first"));

    shop.vault.run(&["shift", "50", "--yes"]).expect(0);
    assert_eq!(shop.places(), ("2 + 3: 0.5".to_owned(), [50, 50], "first"));
    shop.vault.run(&["shift", "100", "--yes"]).expect(0);
    assert_eq!(shop.places(), ("3".to_owned(), [0, 100], "second"));

    let outcome = shop.vault.run(&["rollback", "--yes", "--json"]).expect(0).json();
    assert_eq!(outcome.as_array().unwrap().len(), 3, "{outcome}");
    assert_eq!(shop.places(), ("2".to_owned(), [100, 0], "first"));
}

#[test]
fn a_release_that_is_rolled_back_early_leaves_what_waits_alone() {
    let shop = Shop::new();
    shop.vault.run(&["shift", "10", "--yes"]).expect(0);
    shop.vault.run(&["rollback", "--yes"]).expect(0);
    assert_eq!(shop.places(), ("2".to_owned(), [100, 0], "first"));
    assert_eq!(shop.vault.run(&["rollback", "--yes", "--json"]).expect(0).json(), json!([]));
}

#[test]
fn one_target_alone_is_named_like_a_function() {
    let shop = Shop::new();
    shop.vault.run(&["shift", "50", "--yes", "--function", "web"]).expect(0);
    assert_eq!(shop.places(), ("2".to_owned(), [50, 50], "first"));
    shop.vault.run(&["rollback", "--yes", "--function", "web"]).expect(0);
    assert_eq!(shop.places(), ("2".to_owned(), [100, 0], "first"));

    let refused = shop.vault.run(&["shift", "10", "--yes", "--function", "vault-api"]).expect(2);
    assert!(refused.stderr.contains("0 to 100 % in one step"), "{refused:?}");
    shop.vault.run(&["shift", "100", "--yes", "--function", "vault-api"]).expect(0);
    assert_eq!(shop.places().2, "second");
    shop.vault.run(&["rollback", "--yes"]).expect(0);
    assert_eq!(shop.places().2, "first");
}

#[test]
fn what_a_rollback_could_not_undo_is_refused_before_it_is_tried() {
    let shop = Shop::new();
    let groups = shop.hand().ask("elbv2", "describe_target_groups", json!({"Names": ["green"]}));
    let green = groups["TargetGroups"][0]["TargetGroupArn"].clone();
    let attribute = |value: &str| {
        let attributes =
            json!([{"Key": "stickiness.enabled", "Value": value}, {"Key": "stickiness.type", "Value": "lb_cookie"}]);
        shop.hand().ask(
            "elbv2",
            "modify_target_group_attributes",
            json!({"TargetGroupArn": green, "Attributes": attributes}),
        );
    };
    let refusal = |words: &str| {
        let refused = shop.vault.run(&["shift", "10", "--yes", "--function", "web"]).expect(2);
        assert!(refused.stderr.contains(words), "{words} is missing: {refused:?}");
    };
    attribute("true");
    refusal("stickiness is on in the target group green");
    attribute("false");
    let tags = |tags: Value| json!({"ResourceArns": [shop.rule], "Tags": tags});
    let tag = json!([{"Key": "elasticbeanstalk:environment-name", "Value": "shop-prod"}]);
    shop.hand().ask("elbv2", "add_tags", tags(tag));
    refusal("Elastic Beanstalk's environment shop-prod");
    assert_eq!(shop.places().1, [1, 0], "nothing was written");

    let deployment = json!({"restApiId": shop.stage["api"], "deploymentId": shop.stage["second"]});
    shop.hand().ask("apigateway", "delete_deployment", deployment);
    let refused = shop.vault.run(&["shift", "100", "--yes", "--function", "vault-api"]).expect(2);
    assert!(refused.stderr.contains("no deployment is newer"), "{refused:?}");
}

#[test]
fn a_rule_that_does_not_forward_says_so() {
    let shop = Shop::new();
    let balancers = shop.hand().ask("elbv2", "describe_load_balancers", json!({}));
    let balancer = &balancers["LoadBalancers"][0]["LoadBalancerArn"];
    let listeners = shop.hand().ask("elbv2", "describe_listeners", json!({"LoadBalancerArn": balancer}));
    shop.configure(listeners["Listeners"][0]["ListenerArn"].as_str().unwrap());
    let refused = shop.vault.run(&["shift", "10", "--yes", "--function", "web"]).expect(2);
    assert!(refused.stderr.contains("its action is fixed-response"), "{refused:?}");
}
