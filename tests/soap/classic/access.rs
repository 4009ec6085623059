//! Who may, for every row of the table: no operation without a credential, no job but one's own. Both are answers, no faults.

use super::super::app::{ADA, Broker, EVE, ROOT};
use super::contract::judge;
use super::{About, path, sample};
use grms::soap::classic::Profile;
use grms::soap::classic::operations::{Out, of};

const ABSENT: &str = "1_none_0001";
const NO_NOTIFICATION: &str = "00000000-0000-4000-8000-000000000000";

#[actix_web::test]
async fn no_operation_serves_a_caller_without_a_credential_and_says_so_in_the_answer() {
    let broker = Broker::new();
    let about = About { job: ABSENT, notification: NO_NOTIFICATION };
    for profile in Profile::ALL {
        for entry in of(profile) {
            let parts = sample(entry, profile, about);
            let answer = broker.classic_at(path(profile), entry.name, &parts, None).await;
            if matches!(entry.response, [Out::Text(_)]) {
                assert_eq!(answer.status, 200);
                assert!(answer.text("getServiceDescriptionReturn").starts_with("NOT_AUTHENTICATED (201): "));
            } else {
                assert_eq!(answer.error_code(), "201", "{}", entry.name);
            }
            judge(entry, profile, &answer);
        }
    }
    for (operation, parts) in [("getJobsList", "<status>LOST</status>"), ("getJobInfo", "<jobId xsi:nil=\"true\"/>")] {
        let answer = broker.classic_at(path(Profile::V196), operation, parts, None).await;
        assert_eq!(answer.error_code(), "201", "a stranger is not told what else is wrong: {}", answer.body);
    }
    assert_eq!(broker.count_jobs().await, 0);
}

#[actix_web::test]
async fn a_job_of_somebody_else_looks_like_no_job_in_every_operation() {
    let broker = Broker::new();
    let id = broker.running_job().await;
    let mut about_jobs = 0;
    for profile in Profile::ALL {
        for entry in of(profile) {
            let ask = async |job: &str| {
                let parts = sample(entry, profile, About { job, notification: NO_NOTIFICATION });
                broker.classic_at(path(profile), entry.name, &parts, Some(EVE)).await
            };
            let foreign = ask(id.as_str()).await;
            judge(entry, profile, &foreign);
            let asked = sample(entry, profile, About { job: id.as_str(), notification: NO_NOTIFICATION });
            if asked.contains(id.as_str()) {
                about_jobs += 1;
                let code = foreign.error_code();
                assert!(["301", "302"].contains(&code.as_str()), "{}: {}", entry.name, foreign.body);
                let absent = ask(ABSENT).await;
                assert_eq!(foreign.body.replace(id.as_str(), ABSENT), absent.body, "{}", entry.name);
            } else {
                assert!(!foreign.body.contains(id.as_str()), "{}: {}", entry.name, foreign.body);
            }
        }
    }
    assert_eq!(about_jobs, 17 + 22, "rows about one job, in the two versions");
    let own = broker.classic("getJobInfo", &format!("<jobId>{id}</jobId>")).await;
    assert_eq!(own.text("jobStatus"), "RUNNING", "the job was touched: {}", own.body);
}

#[actix_web::test]
async fn an_administrator_lists_everybodys_jobs_and_nobody_else_does() {
    let broker = Broker::new();
    let id = broker.running_job().await;
    let ask = async |caller| {
        broker.classic_at(path(Profile::V196), "getAllJobsList", "<status>RUNNING</status>", Some(caller)).await
    };
    assert_eq!(ask(EVE).await.error_code(), "202");
    assert_eq!(ask(ADA).await.texts("item"), [""; 0]);
    assert_eq!(ask(ROOT).await.texts("item"), [id.as_str()]);
}
