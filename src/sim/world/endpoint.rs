//! Health endpoints: what a request to one of them meets. Whoever serves it is chosen by the weights, request by request,
//! and is as well as its version or its target group.

use std::time::Duration;

use super::World;
use super::balancer::Balancer;
use super::function::VersionId;
use super::random::{Stream, word};
use super::routing::Routing;
use super::spec::EndpointSpec;

/// What an endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, JSON as a rule.
    pub body: String,
    /// How long it takes, wall time.
    pub took: Duration,
}

/// Which version answers, and how that goes.
struct Served {
    version: String,
    git_sha: String,
    fails: bool,
    ms: f64,
}

impl World {
    /// What a request to an endpoint meets; `None` where there is no endpoint of that host and path.
    pub fn ask_endpoint(&mut self, method: &str, host: &str, path: &str) -> Option<EndpointAnswer> {
        let at = |spec: &&EndpointSpec| {
            let address = spec.url.split_once("://").map_or(spec.url.as_str(), |(_, address)| address);
            let (its_host, its_path) = address.split_once('/').unwrap_or((address, ""));
            its_host.eq_ignore_ascii_case(host) && its_path == path.trim_start_matches('/')
        };
        self.asked += 1;
        let mut here = self.spec.endpoints.iter().filter(at).peekable();
        here.peek()?;
        let Some(spec) = here.find(|spec| spec.method.eq_ignore_ascii_case(method)) else {
            let body = r#"{"message":"method not allowed"}"#.to_owned();
            return Some(EndpointAnswer { status: 405, body, took: Duration::ZERO });
        };
        let served = spec.of.as_ref().and_then(|of| self.serve(of));
        let fails = served.as_ref().is_some_and(|served| served.fails);
        let text = if fails { &spec.sick_body } else { &spec.body };
        let (version, sha) = served.as_ref().map_or(("", ""), |served| (&served.version, &served.git_sha));
        Some(EndpointAnswer {
            status: if fails { 503 } else { spec.status },
            body: text.replace("{version}", version).replace("{git_sha}", sha),
            took: Duration::from_millis(12) + served.map_or(Duration::ZERO, Served::took),
        })
    }

    /// Who serves a request now: a rule's target group, or a version behind `function:alias`.
    fn serve(&self, of: &str) -> Option<Served> {
        let mut stream = Stream::named(&[self.spec.seed, word(of), self.asked]);
        let (name, alias) = of.split_once(':').unwrap_or((of, ""));
        let (flow, routing) = if let Some(function) = self.index_of(name) {
            let known = self.functions[function].aliases.iter().find(|known| known.name == alias)?;
            (function, Routing::of(known))
        } else {
            let mut rules = self.balancers.iter().flat_map(Balancer::rules);
            let rule = rules.find(|rule| rule.spec.name == of)?;
            (rule.flow, rule.routing())
        };
        let additional = routing.additional.filter(|(_, weight)| stream.fraction() < *weight);
        let id = additional.map_or(routing.primary, |(version, _)| version);
        let conduct = self.traffic.conduct(flow, id, self.now);
        let (version, git_sha) = self.release_of(flow, id);
        Some(Served { version, git_sha, fails: stream.fraction() < conduct.errors, ms: conduct.mean_ms() })
    }

    /// The release and the commit that a version or a target group runs.
    fn release_of(&self, flow: usize, id: VersionId) -> (String, String) {
        let VersionId::Number(number) = id else { return (id.to_string(), String::new()) };
        if let Some(function) = self.spec.functions.get(flow) {
            let version = function.versions.iter().find(|version| version.number == number);
            return version
                .map_or_else(Default::default, |version| (version.description.clone(), version.git_sha.clone()));
        }
        let balancer = self.balancers.iter().find(|balancer| balancer.rules().any(|rule| rule.flow == flow));
        let group = balancer.and_then(|balancer| balancer.groups.get(number as usize - 1));
        group.map_or_else(Default::default, |group| (group.spec.description.clone(), group.spec.git_sha.clone()))
    }
}

impl Served {
    /// Typical rather than drawn: a health endpoint does little, so it takes no longer than a tenth of other calls.
    fn took(self) -> Duration {
        Duration::from_secs_f64((self.ms / 10_000.0).clamp(0.0, 5.0))
    }
}
