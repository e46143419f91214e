//! The operations that the embedded AWS offers, and the services they belong to.

/// Declares every operation once: its service and its name, which is AWS's own.
macro_rules! operations {
    ($($service:ident: $($name:ident),+;)+) => {
        /// An operation of an AWS service. The names are AWS's own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "AWS documents its operations under these names")]
        pub enum Operation {
            $($($name,)+)+
        }

        impl Operation {
            pub(super) const ALL: &'static [Self] = &[$($(Self::$name,)+)+];

            /// Its name, for example `GetMetricData`.
            pub const fn name(self) -> &'static str {
                match self {
                    $($(Self::$name => stringify!($name),)+)+
                }
            }

            pub(super) const fn service(self) -> Service {
                match self {
                    $($(Self::$name)|+ => Service::$service,)+
                }
            }
        }
    };
}

operations! {
    Lambda: ListFunctions, GetFunction, GetFunctionConfiguration, ListVersionsByFunction, ListAliases, GetAlias,
        UpdateAlias, GetProvisionedConcurrencyConfig, ListProvisionedConcurrencyConfigs, ListTags, GetPolicy,
        ListEventSourceMappings, GetAccountSettings;
    CloudWatch: GetMetricData, ListMetrics, DescribeAlarms, DescribeAlarmHistory, SetAlarmState, ListTagsForResource;
    Budgets: DescribeBudgets;
    Sts: GetCallerIdentity;
    Iam: GetRole, SimulatePrincipalPolicy;
    Elb: DescribeLoadBalancers, DescribeListeners, DescribeRules, DescribeTargetGroups, DescribeTargetHealth,
        DescribeTargetGroupAttributes, DescribeTags, AddTags, RemoveTags, ModifyRule, ModifyListener;
    ApiGateway: GetRestApis, GetRestApi, GetStages, GetStage, GetDeployments, GetDeployment, UpdateStage;
    CodeDeploy: ListApplications, ListDeploymentGroups, GetDeploymentGroup, BatchGetDeploymentGroups, ListDeployments,
        GetCodeDeployment, BatchGetDeployments, ListDeploymentTargets, BatchGetDeploymentTargets;
}

/// An AWS service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Lambda,
    CloudWatch,
    Budgets,
    Sts,
    Iam,
    Elb,
    ApiGateway,
    CodeDeploy,
}

/// A limit on calls a second, for the whole account and region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    ControlPlane,
    GetFunction,
    None,
}

impl Service {
    /// Its name in IAM's actions.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Lambda => "lambda",
            Self::CloudWatch => "cloudwatch",
            Self::Budgets => "budgets",
            Self::Sts => "sts",
            Self::Iam => "iam",
            Self::Elb => "elasticloadbalancing",
            Self::ApiGateway => "apigateway",
            Self::CodeDeploy => "codedeploy",
        }
    }

    /// The namespace of its answers, where these are XML.
    pub const fn xml_namespace(self) -> &'static str {
        match self {
            Self::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
            Self::Elb => "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
            Self::Sts | Self::Lambda | Self::CloudWatch | Self::Budgets | Self::ApiGateway | Self::CodeDeploy => {
                "https://sts.amazonaws.com/doc/2011-06-15/"
            }
        }
    }

    /// Whether it has one endpoint for all regions.
    pub const fn is_global(self) -> bool {
        matches!(self, Self::Budgets | Self::Iam)
    }
}

impl Operation {
    /// The operation of that name, if this service offers it here.
    pub(super) fn find(service: Service, name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.wire_name() == name && operation.service() == service)
    }

    /// Its name on the wire.
    pub(super) fn wire_name(self) -> &'static str {
        // Two services have an operation of this name.
        if self == Self::GetCodeDeployment { "GetDeployment" } else { self.name() }
    }

    /// What IAM calls it.
    pub(super) fn action(self) -> String {
        let name = match self {
            Self::UpdateStage => "PATCH",
            Self::DescribeBudgets => "ViewBudget",
            _ if self.service() == Service::ApiGateway => "GET",
            _ => self.wire_name(),
        };
        format!("{}:{name}", self.service().prefix())
    }

    /// What limits it: all control-plane calls of Lambda share one limit, GetFunction has its own.
    /// See <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
    pub(super) fn limit(self) -> Limit {
        match self.service() {
            Service::Lambda if self == Self::GetFunction => Limit::GetFunction,
            Service::Lambda => Limit::ControlPlane,
            Service::CloudWatch
            | Service::Budgets
            | Service::Sts
            | Service::Iam
            | Service::Elb
            | Service::ApiGateway
            | Service::CodeDeploy => Limit::None,
        }
    }
}
