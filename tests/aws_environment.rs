//! The edge in a user's environment, over real sockets: `AWS_*` variables, profile files, processes, roles, the instance
//! and SSO. Variables belong to a process, so every case runs this test program once more, as a child that is told
//! what to ask and prints what it got.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up should fail where it stands")]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use flightdeck::{
    aws::{Cloud, Place, Transport, Urgency},
    clock::Clock,
    release::{error::CloudError, names::Target},
};

const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::123456789012:user/ada</Arn><UserId>A</UserId><Account>123456789012</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";

// ---------------------------------------------------------------------------------------------------------- the child

/// Not a case of its own: what the others run with their variables set.
#[tokio::test]
async fn child() {
    let given = |name: &str| std::env::var(name).ok();
    let Some(ask) = given("EDGE_ASK") else { return };
    let place = Place {
        region: given("EDGE_REGION"),
        profile: given("EDGE_PROFILE"),
        role_arn: given("EDGE_ROLE"),
        endpoint_url: given("EDGE_ENDPOINT"),
        ..Place::default()
    };
    let clock = Clock::system();
    let cloud = match Cloud::open(&place, Transport::Network, clock).await {
        Ok(cloud) => cloud,
        Err(error) => return report(&error),
    };
    say("region", cloud.region());
    say("endpoint", cloud.endpoint().unwrap_or("AWS"));
    say("elsewhere", cloud.endpoints().iter().map(|(service, _)| *service).collect::<Vec<_>>().join(" "));
    let answer = match ask.as_str() {
        "caller" => cloud.caller().await.map(|caller| caller.account),
        "alias" => {
            cloud.alias(&Target::new("pay", "live"), Urgency::Urgent).await.map(|alias| alias.routing.to_string())
        }
        "until it works" => until_it_works(&cloud, clock).await,
        _ => Ok("nothing asked".to_owned()),
    };
    match answer {
        Ok(answer) => say("answer", answer),
        Err(error) => report(&error),
    }
}

/// Asks like a reader that polls, until it is answered, for at most half a minute. Credentials this young are given some
/// seconds before a complaint about them counts, and nobody says when these are over.
async fn until_it_works(cloud: &Cloud, clock: Clock) -> Result<String, CloudError> {
    let mut polls = tokio::time::interval(Duration::from_millis(100));
    loop {
        polls.tick().await;
        match cloud.caller().await {
            Err(error) if clock.now().wall < Duration::from_secs(30) => say("meanwhile", format!("{:?}", error.kind)),
            other => return other.map(|caller| caller.account),
        }
    }
}

fn say(name: &str, value: impl std::fmt::Display) {
    println!("\n@{name}={value}");
}

fn report(error: &CloudError) {
    say("kind", format!("{:?}", error.kind));
    say("message", &error.message);
}

// --------------------------------------------------------------------------------------------------------- the parent

/// A user's environment: variables and a home folder, nothing of the machine that the tests run on.
struct User {
    home: PathBuf,
    variables: BTreeMap<String, String>,
}

impl User {
    fn new(name: &str) -> Self {
        let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(home.join(".aws")).unwrap();
        let variables = [("HOME", home.to_str().unwrap()), ("AWS_EC2_METADATA_DISABLED", "true")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { home, variables }
    }

    fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    fn with_keys(self, key: &str) -> Self {
        self.set("AWS_ACCESS_KEY_ID", key).set("AWS_SECRET_ACCESS_KEY", "secret")
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.home.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Runs the child and returns what it said.
    fn ask(&self, what: &str) -> Said {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "child", "--nocapture", "--test-threads=1"]).env_clear().envs(&self.variables);
        let output = child.env("EDGE_ASK", what).env("PATH", "/usr/bin:/bin").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().filter_map(|line| line.strip_prefix('@')?.split_once('='));
        Said(lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

struct Said(BTreeMap<String, String>);

impl Said {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Debug, Clone)]
struct Request {
    line: String,
    headers: String,
    body: String,
}

impl Request {
    /// Whether it was signed with this access key.
    fn is_signed_by(&self, key: &str) -> bool {
        self.headers.contains(&format!("Credential={key}/"))
    }
}

/// A server on loopback that answers every request as it is told, one request a connection.
struct Server {
    url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    fn start(answer: impl Fn(&Request) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = receive(&stream) else { continue };
                log.lock().unwrap().push(request.clone());
                let _ = (&stream).write_all(answer(&request).as_bytes());
            }
        });
        Self { url, seen }
    }

    fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

fn receive(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = String::new();
    while reader.read_line(&mut headers).ok()? > 2 {}
    let length =
        headers.lines().find_map(|header| header.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Request { line, headers, body: String::from_utf8_lossy(&body).into_owned() })
}

fn reply(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// STS as far as it is needed here: anybody is ada, and roles give a key of their own.
fn sts(request: &Request) -> String {
    if !request.body.contains("AssumeRole") {
        return reply(200, IDENTITY);
    }
    reply(
        200,
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
         <AccessKeyId>ROLEKEY</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
    )
}

// ---------------------------------------------------------------------------------------------------------- the cases

#[test]
fn variables_alone_are_enough() {
    let server = Server::start(sts);
    let user = User::new("variables").with_keys("ENVKEY").set("AWS_REGION", "eu-north-1");
    let said = user.set("AWS_ENDPOINT_URL", &server.url).ask("caller");
    assert_eq!(said.get("answer"), "123456789012", "{said:?}");
    assert_eq!((said.get("region"), said.get("endpoint")), ("eu-north-1", server.url.as_str()));
    assert_eq!(said.get("elsewhere"), "lambda cloudwatch budgets sts sns elbv2 apigateway codedeploy iam");
    assert!(server.seen()[0].is_signed_by("ENVKEY") && server.seen()[0].headers.contains("/eu-north-1/sts/"));
}

#[test]
fn an_endpoint_for_one_service_is_seen_and_the_others_stay_with_aws() {
    let user = User::new("one-endpoint").with_keys("ENVKEY").set("AWS_REGION", "eu-north-1");
    let said = user.set("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9/").ask("nothing");
    assert_eq!((said.get("endpoint"), said.get("elsewhere")), ("http://127.0.0.1:9", "lambda"), "{said:?}");
}

#[test]
fn an_endpoint_of_the_place_beats_the_variables() {
    let server = Server::start(sts);
    let user = User::new("endpoint-order").with_keys("ENVKEY").set("AWS_REGION", "eu-north-1");
    let user = user.set("AWS_ENDPOINT_URL", "http://127.0.0.1:9").set("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9");
    let user = user.set("EDGE_ENDPOINT", &server.url).set("EDGE_ROLE", "arn:aws:iam::123456789012:role/ops");
    let said = user.ask("caller");
    assert_eq!(said.get("answer"), "123456789012", "{said:?}");
    let seen = server.seen();
    assert!(seen[0].body.contains("AssumeRole") && seen[0].is_signed_by("ENVKEY"));
    assert!(seen[1].is_signed_by("ROLEKEY"), "the role's keys sign what follows");
}

#[test]
fn a_role_that_may_not_be_assumed_is_no_permission() {
    let refusal = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>ada may not assume ops\
                   </Message></Error></ErrorResponse>";
    let server = Server::start(move |_| reply(403, refusal));
    let user = User::new("role").with_keys("ENVKEY").set("AWS_REGION", "eu-north-1");
    let user = user.set("AWS_ENDPOINT_URL", &server.url).set("EDGE_ROLE", "arn:aws:iam::123456789012:role/ops");
    let said = user.ask("caller");
    assert_eq!(said.get("kind"), "Denied", "{said:?}");
    assert!(said.get("message").ends_with("the role could not be assumed: ada may not assume ops"), "{said:?}");
}

#[test]
fn an_endpoint_that_is_none_is_refused_rather_than_ignored() {
    let user = User::new("bad-endpoint").with_keys("ENVKEY").set("AWS_REGION", "eu-north-1");
    let said = user.set("AWS_ENDPOINT_URL", "localhost:4566").ask("caller");
    assert_eq!(said.get("kind"), "Refused", "{said:?}");
    assert!(said.get("message").contains("AWS_ENDPOINT_URL") && said.get("message").contains("localhost:4566"));
}

#[test]
fn a_profile_that_was_named_beats_keys_in_the_environment() {
    let server = Server::start(sts);
    let config = format!("[profile ops]\nregion = eu-central-1\nendpoint_url = {}\n", server.url);
    let user = User::new("profile").with_keys("ENVKEY").set("EDGE_PROFILE", "ops").file(".aws/config", &config);
    let said =
        user.file(".aws/credentials", "[ops]\naws_access_key_id = FILEKEY\naws_secret_access_key = s\n").ask("caller");
    assert_eq!((said.get("answer"), said.get("region")), ("123456789012", "eu-central-1"), "{said:?}");
    assert!(server.seen()[0].is_signed_by("FILEKEY"));
}

#[test]
fn a_credential_process_is_run() {
    let server = Server::start(sts);
    let keys = r#"{"Version": 1, "AccessKeyId": "PROCESSKEY", "SecretAccessKey": "s"}"#;
    let config = "[profile ops]\nregion = eu-central-1\ncredential_process = cat keys.json\n";
    let user = User::new("process").file("keys.json", keys);
    let config = config.replace("keys.json", user.home.join("keys.json").to_str().unwrap());
    let user = user.file(".aws/config", &config).set("AWS_PROFILE", "ops").set("AWS_ENDPOINT_URL", &server.url);
    let said = user.ask("caller");
    assert_eq!(said.get("answer"), "123456789012", "{said:?}");
    assert!(server.seen()[0].is_signed_by("PROCESSKEY"));
}

#[test]
fn an_instance_s_own_credentials_are_used() {
    let metadata = Server::start(|request| {
        match request.line.split(' ').nth(1) {
        Some("/latest/api/token") => {
            "HTTP/1.1 200 OK\r\nx-aws-ec2-metadata-token-ttl-seconds: 300\r\ncontent-length: 5\r\nconnection: close\r\n\r\ntoken".into()
        }
        Some(path) if path.trim_end_matches('/').ends_with("/ops") => reply(
            200,
            r#"{"Code":"Success","LastUpdated":"2026-01-01T00:00:00Z","Type":"AWS-HMAC","AccessKeyId":"INSTANCEKEY",
                "SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z","AccountId":"123456789012"}"#,
        ),
        _ => reply(200, "ops"),
    }
    });
    let server = Server::start(sts);
    let user = User::new("instance").set("AWS_EC2_METADATA_DISABLED", "false").set("AWS_REGION", "eu-north-1");
    let user = user.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url).set("AWS_ENDPOINT_URL", &server.url);
    let said = user.ask("caller");
    assert_eq!(said.get("answer"), "123456789012", "{said:?} {:?}", metadata.seen());
    assert!(server.seen()[0].is_signed_by("INSTANCEKEY"));
}

#[test]
fn an_sso_session_that_has_ended_names_the_command_that_renews_it() {
    let config = "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n\
                  [profile ops]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = ops\n";
    let token = r#"{"accessToken":"t","expiresAt":"2020-01-01T00:00:00Z","startUrl":"https://corp.awsapps.com/start","region":"eu-west-1"}"#;
    let user = User::new("sso").file(".aws/config", config).set("EDGE_PROFILE", "ops");
    let missing = user.ask("caller");
    assert_eq!(missing.get("kind"), "NoCredentials", "{missing:?}");
    assert!(missing.get("message").contains("aws sso login --profile ops"), "{missing:?}");
    // The file is named by the SHA-1 of the session's name.
    let user = user.file(".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json", token);
    let expired = user.ask("caller");
    assert_eq!(expired.get("kind"), "CredentialsExpired", "{expired:?}");
    assert!(expired.get("message").contains("aws sso login --profile ops"), "{expired:?}");
}

#[test]
fn what_aws_login_left_is_used_and_without_it_the_command_is_named() {
    let server = Server::start(sts);
    let config = "[profile ops]\nregion = eu-west-1\nlogin_session = arn:aws:iam::0123456789012:user/Admin\n";
    let user = User::new("login").file(".aws/config", config).set("EDGE_PROFILE", "ops");
    let keys = r#"{"accessToken":{"accessKeyId":"LOGINKEY","secretAccessKey":"s","sessionToken":"t","accountId":"012345678901",
        "expiresAt":"2099-01-01T00:00:00Z"},"tokenType":"aws_sigv4","refreshToken":"r","clientId":"c","dpopKey":"d"}"#;
    // The file is named by the SHA-256 of the session's name.
    let file = ".aws/login/cache/36db1d138ff460920374e4c3d8e01f53f9f73537e89c88d639f68393df0e2726.json";
    let missing = user.ask("caller");
    // Its end has come, and what would renew it is no key.
    let user = user.file(file, &keys.replace("2099", "2020"));
    for said in [missing, user.ask("caller")] {
        assert_eq!(said.get("kind"), "NoCredentials", "{said:?}");
        assert!(said.get("message").contains("no AWS credentials from `aws login`: "), "{said:?}");
        assert!(said.get("message").ends_with("Renew them with: aws login --profile ops"), "{said:?}");
    }
    let said = user.set("AWS_ENDPOINT_URL", &server.url).file(file, keys).ask("caller");
    assert_eq!(said.get("answer"), "123456789012", "{said:?}");
    assert!(server.seen()[0].is_signed_by("LOGINKEY"));
}

#[test]
fn without_any_credentials_it_says_how_to_get_some() {
    let server = Server::start(sts);
    let user = User::new("none").set("AWS_REGION", "eu-north-1");
    let said = user.ask("caller");
    assert_eq!(said.get("kind"), "NoCredentials", "{said:?}");
    assert!(said.get("message").contains("aws sso login --profile default"), "{said:?}");
    let said = user.set("AWS_ENDPOINT_URL", &server.url).ask("caller");
    assert_eq!(said.get("kind"), "NoCredentials", "{said:?}");
    assert!(said.get("message").contains("AWS_ACCESS_KEY_ID=test"), "{said:?}");
    assert!(server.seen().is_empty(), "nothing is sent unsigned");
}

#[test]
fn without_a_region_it_says_what_to_set() {
    let said = User::new("no-region").with_keys("ENVKEY").ask("caller");
    assert_eq!(said.get("kind"), "Refused", "{said:?}");
    assert!(said.get("message").contains("AWS_REGION"), "{said:?}");
}

#[test]
fn an_endpoint_that_refuses_cuts_off_or_talks_nonsense() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let whole = r#"{"AliasArn":"arn:aws:lambda:eu-north-1:123456789012:function:pay:live","FunctionVersion":"42","RevisionId":"r"}"#;
    let half = Server::start(move |_| reply(200, whole).replace(&whole[40..], ""));
    let page = Server::start(|_| reply(200, "<!DOCTYPE html><title>Sign in</title>"));
    let other = Server::start(|_| "SSH-2.0-OpenSSH_9.6\r\n".into());
    let empty = Server::start(|_| reply(200, "{}"));
    for (url, kinds) in [
        (format!("http://{closed}"), ["Unreachable", "Unreachable"]),
        (half.url.clone(), ["NotAws", "Unreachable"]),
        (page.url.clone(), ["NotAws", "NotAws"]),
        (other.url.clone(), ["NotAws", "Unreachable"]),
        (empty.url.clone(), ["NotAws", "NotAws"]),
    ] {
        let user = User::new("trouble").with_keys("ENVKEY").set("AWS_REGION", "eu-north-1");
        let said = user.set("AWS_ENDPOINT_URL", &url).ask("alias");
        assert!(kinds.contains(&said.get("kind")), "{said:?}");
        assert!(said.get("message").contains(&url), "{said:?}");
    }
}

#[test]
fn renewed_credentials_are_picked_up_without_a_restart() {
    let keys =
        |key: &str| format!("[default]\naws_access_key_id = {key}\naws_secret_access_key = s\naws_session_token = t\n");
    let user = User::new("renewal").file(".aws/credentials", &keys("OLDKEY")).set("AWS_REGION", "eu-north-1");
    let file = user.home.join(".aws/credentials");
    let server = Server::start(move |request| {
        if request.is_signed_by("NEWKEY") {
            return sts(request);
        }
        // Somebody signs in again while the refusal is on its way.
        fs::write(&file, keys("NEWKEY")).unwrap();
        reply(
            403,
            "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error></ErrorResponse>",
        )
    });
    let said = user.set("AWS_ENDPOINT_URL", &server.url).ask("until it works");
    assert_eq!((said.get("meanwhile"), said.get("answer")), ("CredentialsExpired", "123456789012"), "{said:?}");
    let refused = server.seen().iter().filter(|request| request.is_signed_by("OLDKEY")).count();
    assert!(refused > 1, "the first complaint came too early to count, and was not the last");
}
