//! Publishing to an SNS topic, which carries a notice on to a list of e-mail addresses.

use aws_sdk_sns::config::{Builder, Region};

use super::{Cloud, clean, endpoints::Service, text::clean_or_empty};
use crate::release::error::CloudError;

const OPERATION: &str = "Publish";
/// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
const LONGEST_SUBJECT: usize = 99;

impl Cloud {
    /// Publishes a notice to a topic, in the topic's own region. Returns the message's id. A try that met silence may
    /// have been delivered, so that a message can arrive twice.
    pub async fn publish(&self, topic_arn: &str, subject: &str, message: &str) -> Result<String, CloudError> {
        let request = self.0.sns.publish().topic_arn(topic_arn).subject(subject_line(subject)).message(message);
        // arn:aws:sns:REGION:ACCOUNT:NAME
        let region = topic_arn.split(':').nth(3).unwrap_or(self.region()).to_owned();
        let request = request.customize().config_override(Builder::new().region(Region::new(region)));
        let reply = self.check(OPERATION, Service::Sns, request.send().await)?;
        Ok(clean_or_empty(reply.message_id()))
    }
}

/// A subject as SNS takes it: ASCII without line breaks, shorter than 100 characters.
fn subject_line(text: &str) -> String {
    let ascii = |character: char| if character.is_ascii() { character } else { '?' };
    clean(text).trim().chars().map(ascii).take(LONGEST_SUBJECT).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_smithy_runtime_api::{
        client::{
            http::{
                HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
                SharedHttpConnector,
            },
            orchestrator::{HttpRequest, HttpResponse},
            runtime_components::RuntimeComponents,
        },
        http::StatusCode,
    };
    use aws_smithy_types::body::SdkBody;

    use super::*;
    use crate::{
        aws::{Place, Transport},
        clock::Clock,
        release::error::Trouble,
    };

    const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:releases";

    /// An SNS that answers every request alike and keeps what it was asked.
    #[derive(Debug, Clone)]
    struct Topic {
        status: u16,
        body: &'static str,
        asked: Arc<Mutex<Vec<(String, String)>>>,
    }

    impl HttpClient for Topic {
        fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
            SharedHttpConnector::new(self.clone())
        }
    }

    impl HttpConnector for Topic {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
            self.asked.lock().unwrap().push((request.uri().to_owned(), body));
            let status = StatusCode::try_from(self.status).unwrap();
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(self.body))))
        }
    }

    async fn publish(status: u16, body: &'static str) -> (Result<String, CloudError>, Vec<(String, String)>) {
        let topic = Topic { status, body, asked: Arc::default() };
        // Read-only on purpose: notices go out all the same.
        let place = Place { region: Some("eu-west-1".into()), read_only: true, ..Place::default() };
        let transport = Transport::Embedded(SharedHttpClient::new(topic.clone()));
        let cloud = Cloud::open(&place, transport, Clock::system()).await.unwrap();
        let reply = cloud.publish(TOPIC, "production – failure\n", "two\nlines").await;
        let asked = topic.asked.lock().unwrap().clone();
        (reply, asked)
    }

    #[tokio::test(start_paused = true)]
    async fn a_notice_goes_to_the_topic_s_own_region_even_in_read_only_mode() {
        let body = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
                    <MessageId>m-1</MessageId></PublishResult></PublishResponse>";
        let (reply, asked) = publish(200, body).await;
        assert_eq!(reply, Ok("m-1".to_owned()));
        let [(address, body)] = asked.as_slice() else { panic!("{asked:?}") };
        assert_eq!(address, "https://sns.eu-central-1.amazonaws.com/");
        let form: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        for (name, value) in [("TopicArn", TOPIC), ("Subject", "production ? failure"), ("Message", "two\nlines")] {
            assert!(form.contains(&(name.into(), value.into())), "{form:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_told_in_aws_s_words() {
        let body = "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
                    <Code>AuthorizationError</Code><Message>not authorized to perform: SNS:Publish</Message></Error>\
                    </ErrorResponse>";
        let (reply, asked) = publish(403, body).await;
        let error = reply.unwrap_err();
        assert_eq!((error.kind, asked.len()), (Trouble::Denied, 1));
        assert!(error.to_string().contains("not authorized to perform: SNS:Publish"), "{error}");
    }

    #[test]
    fn a_subject_is_one_short_line_of_ascii() {
        assert_eq!(subject_line(" Größe\t1\u{1b}[m "), "Gr??e 1[m");
        assert_eq!(subject_line(&"x".repeat(500)).len(), LONGEST_SUBJECT);
    }
}
