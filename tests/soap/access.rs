//! Who may: no operation without a credential, no job but one's own, in a loop over every operation there is.

use super::app::{ADA, Broker, DATE, EVE, ROOT, envelope, escaped, sample};
use super::schema::Judge;
use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use actix_web::{HttpMessage, web};
use grms::identity::{Peer, Subject};
use grms::operations::{ALL, FaultKind};
use grms::soap::{PATH, Version};

#[actix_web::test]
async fn no_operation_serves_a_caller_without_a_credential() {
    let broker = Broker::new();
    let mut judge = Judge::new();
    for operation in ALL {
        let name = operation.contract().name;
        for version in Version::ALL {
            let answer = broker.post(version, envelope(version, name, &sample(name, "1_x_0001")), None).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
            assert_eq!(answer.header("content-type"), version.content_type());
            assert!(!answer.header("www-authenticate").is_empty(), "a 401 has a challenge");
            assert_eq!(answer.text("code"), "201", "{name}: {}", answer.body);
            assert!(answer.body.contains("<g:SecurityFault"), "{name}: {}", answer.body);
            judge.take(name, &answer);
        }
    }
    judge.validate();
    assert_eq!(broker.count_jobs().await, 0);
}

#[actix_web::test]
async fn a_job_of_somebody_else_looks_like_no_job() {
    let broker = Broker::new();
    let id = broker.running_job().await;
    let mut about_jobs = 0;
    for operation in ALL {
        let contract = operation.contract();
        let of = |id: &str| sample(contract.name, id);
        let foreign = broker.call(contract.name, &of(id.as_str()), Some(EVE)).await;
        if contract.request.iter().any(|member| member.name == "jobId") {
            about_jobs += 1;
            let absent = broker.call(contract.name, &of("1_none_0001"), Some(EVE)).await;
            // What is about many jobs says so of each of them, and never as a fault.
            let bulk = !contract.faults.contains(&FaultKind::State);
            let code = foreign.text(if bulk { "errorCode" } else { "code" });
            assert_eq!(code, "301", "{}: {}", contract.name, foreign.body);
            assert_eq!(foreign.status, absent.status);
            assert_eq!(foreign.body.replace(id.as_str(), "1_none_0001"), absent.body, "{}", contract.name);
        } else {
            assert!(!foreign.body.contains(id.as_str()), "{}: {}", contract.name, foreign.body);
        }
    }
    assert!(about_jobs >= 14, "only {about_jobs} operations are about one job");
    let own = broker.call("getJobInfo", &sample("getJobInfo", id.as_str()), Some(ADA)).await;
    assert_eq!(own.text("status"), "RUNNING", "the job was touched: {}", own.body);
    assert_eq!(own.text("statusDescription"), "");
}

#[actix_web::test]
async fn an_administrator_sees_everybodys_jobs_and_nobody_else_lists_them() {
    let broker = Broker::new();
    let id = broker.running_job().await;
    let refused = broker.call("getAllJobsList", "", Some(EVE)).await;
    assert_eq!(refused.text("code"), "202", "{}", refused.body);
    let all = broker.call("getAllJobsList", "", Some(ROOT)).await;
    assert_eq!(all.text("jobId"), id.as_str());
    let of_eve = broker.call("getAllJobsList", &format!("<userDn>{EVE}</userDn>"), Some(ROOT)).await;
    assert_eq!(of_eve.text("jobId"), "");
    let info = broker.call("getJobInfo", &sample("getJobInfo", id.as_str()), Some(ROOT)).await;
    assert_eq!(info.text("userDn"), ADA);
}

#[actix_web::test]
async fn a_limited_proxy_reads_but_neither_submits_nor_cancels_and_an_expired_one_does_nothing() {
    let broker = Broker::new();
    let id = broker.running_job().await;
    let send = async |operation: &str, members: &str, limited: bool, not_after: &str| {
        let body = envelope(Version::V11, operation, members);
        let request = TestRequest::post()
            .uri(PATH)
            .insert_header(("content-type", "text/xml"))
            .set_payload(web::Bytes::from(body))
            .to_request();
        let not_after = not_after.parse().unwrap();
        let peer = Peer { subject: Subject::parse(ADA).unwrap(), proxies: 1, limited, not_after };
        request.extensions_mut().insert(peer);
        broker.send_raw(request, None).await
    };
    let description = format!("<jobDefinition>{}</jobDefinition>", escaped(DATE));
    let job = format!("<jobId>{id}</jobId>");
    assert_eq!(send("submitJob", &description, true, "2027-01-01T00:00:00Z").await.text("code"), "202");
    assert_eq!(send("cancelJob", &job, true, "2027-01-01T00:00:00Z").await.text("code"), "202");
    assert_eq!(send("getJobInfo", &job, true, "2027-01-01T00:00:00Z").await.text("status"), "RUNNING");
    let expired = send("getJobInfo", &job, false, "2026-01-01T10:00:00Z").await;
    assert_eq!(expired.text("code"), "203", "{}", expired.body);
}
