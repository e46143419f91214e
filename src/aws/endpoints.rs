//! Where each service is asked. Flags and configuration come first, then what the SDK would find by itself:
//! `AWS_ENDPOINT_URL_LAMBDA`, `AWS_ENDPOINT_URL` and the profile's `endpoint_url`.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use super::Place;

/// The services that are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Lambda,
    CloudWatch,
    Budgets,
    Sts,
    Sns,
    LoadBalancing,
    ApiGateway,
    CodeDeploy,
    Iam,
}

impl Service {
    pub(super) const ALL: [Self; 9] = [
        Self::Lambda,
        Self::CloudWatch,
        Self::Budgets,
        Self::Sts,
        Self::Sns,
        Self::LoadBalancing,
        Self::ApiGateway,
        Self::CodeDeploy,
        Self::Iam,
    ];

    /// The name in the configuration's `endpoint_urls`.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Lambda => "lambda",
            Self::CloudWatch => "cloudwatch",
            Self::Budgets => "budgets",
            Self::Sts => "sts",
            Self::Sns => "sns",
            Self::LoadBalancing => "elbv2",
            Self::ApiGateway => "apigateway",
            Self::CodeDeploy => "codedeploy",
            Self::Iam => "iam",
        }
    }

    /// The name that AWS gave it, which is also the SDK's id of it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Lambda => "Lambda",
            Self::CloudWatch => "CloudWatch",
            Self::Budgets => "Budgets",
            Self::Sts => "STS",
            Self::Sns => "SNS",
            Self::LoadBalancing => "Elastic Load Balancing v2",
            Self::ApiGateway => "API Gateway",
            Self::CodeDeploy => "CodeDeploy",
            Self::Iam => "IAM",
        }
    }

    /// The variable in which the SDK looks for its endpoint, such as `AWS_ENDPOINT_URL_LAMBDA`.
    fn variable(self) -> String {
        format!("AWS_ENDPOINT_URL_{}", self.name().to_uppercase().replace(' ', "_"))
    }
}

/// Where each service is asked.
#[derive(Debug, Clone)]
pub(super) enum Endpoints {
    /// Inside this program.
    Embedded,
    /// Over the network; `None` where the SDK knows AWS's own address.
    Network(Vec<(Service, Option<String>)>),
}

impl Endpoints {
    /// Puts together what the flags, the configuration and the SDK's own chain say.
    pub(super) fn find(place: &Place, config: &SdkConfig) -> Self {
        let find = |service: Service| {
            let named = place.endpoint_urls.get(service.key()).or(place.endpoint_url.as_ref()).cloned();
            (service, named.or_else(|| from_chain(service, config)))
        };
        Self::Network(Service::ALL.into_iter().map(find).collect())
    }

    /// The address to give to the SDK, where one was chosen.
    pub(super) fn chosen(&self, service: Service) -> Option<&str> {
        match self {
            Self::Embedded => None,
            Self::Network(chosen) => chosen.iter().find(|(other, _)| *other == service)?.1.as_deref(),
        }
    }

    /// Where a service is asked, if that is not AWS.
    pub(super) fn elsewhere(&self, service: Service) -> Option<&str> {
        match self {
            Self::Embedded => Some("embedded"),
            Self::Network(_) => self.chosen(service).filter(|url| !is_aws(url)).map(|url| url.trim_end_matches('/')),
        }
    }

    /// Every service that is not asked at AWS.
    pub(super) fn all_elsewhere(&self) -> Vec<(&'static str, String)> {
        let elsewhere = |service: Service| Some((service.key(), self.elsewhere(service)?.to_owned()));
        Service::ALL.into_iter().filter_map(elsewhere).collect()
    }

    /// Where a service is asked, in words for a message.
    pub(super) fn describe(&self, service: Service, region: &str) -> String {
        match self {
            Self::Embedded => format!("the embedded AWS {}", service.name()),
            Self::Network(_) => match self.chosen(service) {
                Some(url) => format!("{} at {url}", service.name()),
                None => format!("AWS {} in {region}", service.name()),
            },
        }
    }
}

/// An endpoint that cannot be used as it is written, with the name of the setting it came from. The SDK would ignore
/// such a variable and ask AWS itself: a slip of the pen must not turn a rehearsal into the real thing.
pub(super) fn find_unusable(place: &Place, variable: impl Fn(&str) -> Option<String>) -> Option<(String, String)> {
    let settings = place.endpoint_url.iter().map(|url| ("endpoint_url".to_owned(), url.clone()));
    let by_service = place.endpoint_urls.iter().map(|(service, url)| (format!("endpoint_urls.{service}"), url.clone()));
    let names = std::iter::once("AWS_ENDPOINT_URL".to_owned()).chain(Service::ALL.map(Service::variable));
    let variables = names.filter_map(|name| variable(&name).filter(|url| !url.is_empty()).map(|url| (name, url)));
    settings.chain(by_service).chain(variables).find(|(_, url)| !is_usable(url))
}

/// Whether it is an `http` or `https` address with a host.
fn is_usable(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
}

/// Whether an address belongs to AWS, such as a VPC endpoint's.
fn is_aws(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws"].iter().any(|suffix| host.ends_with(suffix))
}

/// What the environment and the profile say, looked up as the SDK's own clients do.
fn from_chain(service: Service, config: &SdkConfig) -> Option<String> {
    let key = ServiceConfigKey::builder().service_id(service.name()).env("AWS_ENDPOINT_URL").profile("endpoint_url");
    let own = key.build().ok().and_then(|key| config.service_config()?.load_config(key));
    own.or_else(|| config.endpoint_url().map(ToOwned::to_owned)).filter(|url| !url.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: Option<&str>, by_service: &[(&str, &str)]) -> Place {
        Place {
            endpoint_url: url.map(Into::into),
            endpoint_urls: by_service.iter().map(|(name, url)| ((*name).into(), (*url).into())).collect(),
            ..Place::default()
        }
    }

    fn bare() -> SdkConfig {
        SdkConfig::builder().build()
    }

    #[test]
    fn a_service_s_own_endpoint_beats_the_one_for_all() {
        let endpoints = Endpoints::find(&place(Some("http://all:1/"), &[("budgets", "http://spend:2")]), &bare());
        assert_eq!(endpoints.elsewhere(Service::Lambda), Some("http://all:1"));
        assert_eq!(endpoints.elsewhere(Service::Budgets), Some("http://spend:2"));
        assert_eq!(endpoints.all_elsewhere().len(), 9);
    }

    #[test]
    fn an_address_of_aws_s_own_is_not_elsewhere() {
        let vpc = "https://vpce-1.lambda.eu-west-1.vpce.amazonaws.com";
        let endpoints = Endpoints::find(&place(None, &[("lambda", vpc)]), &bare());
        assert_eq!(endpoints.chosen(Service::Lambda), Some(vpc));
        assert!(endpoints.all_elsewhere().is_empty());
        assert!(!is_aws("http://amazonaws.com.evil.example"));
    }

    #[test]
    fn an_address_that_the_sdk_would_ignore_is_found_with_its_name() {
        let none = |_: &str| None;
        assert_eq!(find_unusable(&place(Some("http://127.0.0.1:5000"), &[]), none), None);
        let found = find_unusable(&place(None, &[("lambda", "localhost:5000")]), none);
        assert_eq!(found, Some(("endpoint_urls.lambda".into(), "localhost:5000".into())));
        let variable = |name: &str| (name == "AWS_ENDPOINT_URL_LAMBDA").then(|| "not a url".to_owned());
        assert_eq!(
            find_unusable(&Place::default(), variable).map(|(name, _)| name),
            Some("AWS_ENDPOINT_URL_LAMBDA".into())
        );
    }
}
