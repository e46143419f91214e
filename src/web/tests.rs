//! Exchanges over real sockets, good and bad.

pub(crate) mod stage;

use self::stage::{Line, Stage, answer, with_headers};
use super::*;

const LIMITS: Limits = Limits { time: Duration::from_secs(10), bytes: 1024 };

async fn get(url: &str, limits: Limits) -> Answer {
    let request = Request::get(url).body(Vec::new()).unwrap();
    Web::new(Clock::system()).send(request, limits).await
}

async fn play(line: Line) -> Answer {
    let stage = Stage::play(vec![line]).await;
    get(&stage.url, LIMITS).await
}

#[tokio::test]
async fn an_answer_comes_back_whole() {
    let stage = Stage::play(vec![answer("418 I'm a teapot", "short and stout")]).await;
    let answer = get(&format!("{}/pot?size=1", stage.url), LIMITS).await;
    assert_eq!((answer.status, answer.body), (Some(418), Ok(b"short and stout".to_vec())));
    assert!(answer.took > Duration::ZERO);
    let request = stage.asked()[0].to_lowercase();
    assert!(request.starts_with("get /pot?size=1 http/1.1\r\n"), "{request}");
    assert!(request.contains("connection: close") && request.contains("user-agent: flightdeck/"), "{request}");
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let moved = with_headers("302 Found", "location: http://127.0.0.1:1/login\r\n", b"");
    let answer = play(Line::Bytes(moved)).await;
    assert_eq!(answer.status, Some(302));
    assert_eq!(answer.location.as_deref(), Some("http://127.0.0.1:1/login"));
}

#[tokio::test]
async fn a_server_says_how_long_to_wait() {
    let answer = play(Line::Bytes(with_headers("429 Slow Down", "retry-after: 7\r\n", b""))).await;
    assert_eq!(answer.retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn silence_ends_at_the_limit_with_what_is_known() {
    let limits = Limits { time: Duration::from_millis(300), ..LIMITS };
    for (bytes, status) in [("", None), ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", Some(200))] {
        let stage = Stage::play(vec![Line::Hang(bytes.into())]).await;
        let answer = get(&stage.url, limits).await;
        assert_eq!((answer.status, answer.body), (status, Err(WebTrouble::Slow(limits.time))));
        assert!(answer.took >= limits.time && answer.took < Duration::from_secs(5), "{:?}", answer.took);
    }
    assert_eq!(WebTrouble::Slow(Duration::from_millis(300)).to_string(), "no complete answer within 0.3 s");
}

#[tokio::test]
async fn nobody_there_and_no_such_name() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for url in [format!("http://{free}"), "http://no-such-host.invalid".to_owned()] {
        let answer = get(&url, LIMITS).await;
        let Err(WebTrouble::Unreachable(why)) = &answer.body else { panic!("{url}: {answer:?}") };
        assert!(!why.is_empty() && !why.contains("client error"), "{why}");
    }
}

#[tokio::test]
async fn half_an_answer_a_huge_one_and_none_in_http() {
    let half = play(Line::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_vec())).await;
    assert!(matches!(half.body, Err(WebTrouble::Cut(_))), "{half:?}");
    assert_eq!(half.status, Some(200));
    let nothing = play(Line::Bytes(Vec::new())).await;
    assert!(matches!(nothing.body, Err(WebTrouble::Cut(_))), "{nothing:?}");
    let huge = play(answer("200 OK", &"x".repeat(2000))).await;
    assert_eq!(huge.body, Err(WebTrouble::TooLarge(1024)));
    let without_length = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(5000));
    assert_eq!(play(Line::Bytes(without_length.into())).await.body, Err(WebTrouble::TooLarge(1024)));
    let ssh = play(Line::Bytes(b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec())).await;
    assert!(matches!(ssh.body, Err(WebTrouble::NotHttp(_))), "{ssh:?}");
}

#[tokio::test]
async fn a_server_without_tls_is_not_trusted() {
    let stage = Stage::play(vec![answer("200 OK", "fine")]).await;
    let answer = get(&stage.url.replace("http:", "https:"), LIMITS).await;
    assert!(matches!(answer.body, Err(WebTrouble::Untrusted(_))), "{answer:?}");
    assert_eq!(answer.status, None);
}
