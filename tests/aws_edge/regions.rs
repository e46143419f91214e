//! What another region says, over the SDK.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_region_that_is_switched_off_is_a_doubt_of_its_series_alone() {
    let setup = setup().await;
    setup.disturb("GetMetricData", Disturbance::ExpiredToken);
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
    setup.cloud.metric_data(&question).await.unwrap_err();
}
