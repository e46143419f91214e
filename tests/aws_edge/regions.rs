//! What another region says, over the SDK.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_region_that_is_switched_off_is_a_doubt_of_its_series_alone() {
    let setup = setup().await;
    let mut question = question(2, &setup);
    for series in &mut question.series {
        series.region = Some("ap-east-1".into());
    }
    let answer = setup.cloud.metric_data(&question).await.unwrap();
    assert_eq!(answer.series.len(), 2);
    for found in &answer.series {
        let doubt = found.doubt.as_deref().unwrap();
        assert!(doubt.contains("region ap-east-1 is not enabled in this account"), "{doubt}");
    }
    question.series[0].region = Some(REGION.into());
    let answer = setup.cloud.metric_data(&question).await.unwrap();
    assert_eq!(answer.series[0].doubt, None, "home answers all the same");
}

#[tokio::test(start_paused = true)]
async fn credentials_that_ran_out_ran_out_in_every_region() {
    let setup = setup().await;
    setup.disturb("GetAlias", Disturbance::ExpiredToken);
    let away = pay().in_region(Some("us-east-1".into()));
    let error = setup.cloud.alias(&away, Urgency::Urgent).await.unwrap_err();
    assert_eq!(error.kind, Trouble::CredentialsExpired, "{error}");
    assert!(error.message.contains("us-east-1"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_function_is_asked_for_in_its_own_region() {
    let setup = setup().await;
    let error = setup.cloud.alias(&pay().in_region(Some("us-east-1".into())), Urgency::Urgent).await.unwrap_err();
    assert_eq!(error.kind, Trouble::NotFound, "{error}");
    let off = setup.cloud.alias(&pay().in_region(Some("ap-east-1".into())), Urgency::Urgent).await.unwrap_err();
    assert_eq!(off.kind, Trouble::Denied, "{off}");
    assert!(off.message.contains("region ap-east-1 is not enabled in this account"), "{off}");
    setup.cloud.alias(&pay().in_region(Some(REGION.into())), Urgency::Urgent).await.unwrap();
}
