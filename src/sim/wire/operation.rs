//! The operations that the embedded AWS offers, and the services they belong to.

/// An operation of an AWS service. The names are AWS's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "AWS documents its operations under these names")]
pub enum Operation {
    ListFunctions,
    GetFunction,
    GetFunctionConfiguration,
    ListVersionsByFunction,
    ListAliases,
    GetAlias,
    UpdateAlias,
    GetProvisionedConcurrencyConfig,
    ListTags,
    GetMetricData,
    ListMetrics,
    DescribeAlarms,
    DescribeAlarmHistory,
    SetAlarmState,
    DescribeBudgets,
    GetCallerIdentity,
}

/// An AWS service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Lambda,
    CloudWatch,
    Budgets,
    Sts,
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
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Lambda => "lambda",
            Self::CloudWatch => "cloudwatch",
            Self::Budgets => "budgets",
            Self::Sts => "sts",
        }
    }
}

impl Operation {
    pub(super) const ALL: [Self; 16] = [
        Self::ListFunctions,
        Self::GetFunction,
        Self::GetFunctionConfiguration,
        Self::ListVersionsByFunction,
        Self::ListAliases,
        Self::GetAlias,
        Self::UpdateAlias,
        Self::GetProvisionedConcurrencyConfig,
        Self::ListTags,
        Self::GetMetricData,
        Self::ListMetrics,
        Self::DescribeAlarms,
        Self::DescribeAlarmHistory,
        Self::SetAlarmState,
        Self::DescribeBudgets,
        Self::GetCallerIdentity,
    ];

    /// The operation of that name, if this service offers it here.
    pub(super) fn find(service: Service, name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name && operation.service() == service)
    }

    /// Its name, for example `GetMetricData`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ListFunctions => "ListFunctions",
            Self::GetFunction => "GetFunction",
            Self::GetFunctionConfiguration => "GetFunctionConfiguration",
            Self::ListVersionsByFunction => "ListVersionsByFunction",
            Self::ListAliases => "ListAliases",
            Self::GetAlias => "GetAlias",
            Self::UpdateAlias => "UpdateAlias",
            Self::GetProvisionedConcurrencyConfig => "GetProvisionedConcurrencyConfig",
            Self::ListTags => "ListTags",
            Self::GetMetricData => "GetMetricData",
            Self::ListMetrics => "ListMetrics",
            Self::DescribeAlarms => "DescribeAlarms",
            Self::DescribeAlarmHistory => "DescribeAlarmHistory",
            Self::SetAlarmState => "SetAlarmState",
            Self::DescribeBudgets => "DescribeBudgets",
            Self::GetCallerIdentity => "GetCallerIdentity",
        }
    }

    pub(super) fn service(self) -> Service {
        match self {
            Self::ListFunctions
            | Self::GetFunction
            | Self::GetFunctionConfiguration
            | Self::ListVersionsByFunction
            | Self::ListAliases
            | Self::GetAlias
            | Self::UpdateAlias
            | Self::GetProvisionedConcurrencyConfig
            | Self::ListTags => Service::Lambda,
            Self::GetMetricData
            | Self::ListMetrics
            | Self::DescribeAlarms
            | Self::DescribeAlarmHistory
            | Self::SetAlarmState => Service::CloudWatch,
            Self::DescribeBudgets => Service::Budgets,
            Self::GetCallerIdentity => Service::Sts,
        }
    }

    /// What limits it: all control-plane calls of Lambda share one limit, GetFunction has its own.
    /// See <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
    pub(super) fn limit(self) -> Limit {
        match self.service() {
            Service::Lambda if self == Self::GetFunction => Limit::GetFunction,
            Service::Lambda => Limit::ControlPlane,
            Service::CloudWatch | Service::Budgets | Service::Sts => Limit::None,
        }
    }
}
