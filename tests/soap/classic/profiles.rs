//! Which version a request is in: the five rules, seen in the answers.

use super::super::app::{ADA, Broker};
use super::{files, path};
use grms::soap::classic::{Profile, Settings as Classic};
use grms::soap::{CLASSIC_PATH, Settings};

fn with_default(profile: Profile) -> Broker {
    Broker::with(Settings { classic: Classic { profile, ..Classic::default() }, ..Settings::default() })
}

/// The names of the parts of an answer, in order.
fn order(body: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(body).unwrap();
    let wrapper = document.descendants().find(|node| node.tag_name().name().ends_with("Response")).unwrap();
    let parts = wrapper.children().filter(roxmltree::Node::is_element);
    parts.map(|node| node.tag_name().name().to_owned()).collect()
}

#[actix_web::test]
async fn rule_1_the_address_decides_members_and_operations() {
    for default in Profile::ALL {
        let broker = with_default(default);
        let job = broker.running_job().await;
        let id = format!("<jobId>{job}</jobId>");
        for profile in Profile::ALL {
            for operation in ["getJobInfo", "getJobHistory"] {
                let answer = broker.classic_at(path(profile), operation, &id, Some(ADA)).await;
                let new = profile == Profile::V196;
                assert_eq!(answer.body.contains("<applicationAccess"), new, "{operation}: {}", answer.body);
                assert_eq!(answer.body.contains("<project"), new && operation == "getJobInfo");
            }
        }
        let fault = async |profile, operation: &str, parts: &str| {
            broker.classic_at(path(profile), operation, parts, Some(ADA)).await.client_fault()
        };
        for operation in ["getNotificationsList", "getOutputFileDirs", "getApplicationAccess", "getProjectJobsList"] {
            let said = fault(Profile::V190, operation, &id).await;
            assert!(said.starts_with("UNKNOWN_OPERATION (102): ") && said.contains("GRMS 1.9.0"), "{said}");
        }
        assert!(fault(Profile::V196, "getOutFileDirs", &id).await.contains("GRMS 1.9.6"));
        let said =
            fault(Profile::V190, "unregisterNotification", &format!("{id}<notificationId>x</notificationId>")).await;
        assert!(said.contains("it takes notificationId"), "{said}");
    }
}

#[actix_web::test]
async fn rule_2_an_operation_of_one_version_decides_even_against_the_spelling() {
    for default in Profile::ALL {
        let broker = with_default(default);
        let job = broker.running_job().await;
        let id = format!("<jobId>{job}</jobId>");
        let add = async |operation: &str, spelling: &str| {
            let answer =
                broker.classic(operation, &format!("{id}{}", files(&["a"]).replace("PHYSICAL", spelling))).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            order(&answer.body)
        };
        assert_eq!(add("addOutFileDirs", "PHYSICAL").await, ["addOutFileDirsReturn", "errors", "result"]);
        assert_eq!(add("addOutputFileDirs", "PHISICAL").await, ["result", "addOutputFileDirsReturn", "errors"]);
        assert_eq!(broker.classic("getOutFileDirs", &id).await.texts("urltype").pop().as_deref(), Some("PHISICAL"));
        assert_eq!(broker.classic("getOutputFileDirs", &id).await.texts("urltype").pop().as_deref(), Some("PHYSICAL"));
        for operation in ["getNotificationsList", "getApplicationAccess", "unregisterApplicationAccess"] {
            assert_eq!(broker.classic(operation, &id).await.status, 200, "{operation}");
        }
    }
}

#[actix_web::test]
async fn rule_3_the_parts_of_a_registration_decide() {
    for default in Profile::ALL {
        let broker = with_default(default);
        let job = broker.running_job().await;
        let old = format!(
            "<client>portal-1</client><request><jobId>{job}</jobId><eventType>STATUS</eventType><notificationType>SMS</notificationType>\
             <listener>https://portal.example.org/listener</listener><users>ada</users></request>"
        );
        let new = format!(
            "<jobId>{job}</jobId><request><eventType>STATUS</eventType><protocol>SOAP</protocol>\
             <destination>https://portal.example.org/listener</destination><append>false</append><format xsi:nil=\"true\"/></request>"
        );
        for request in [old, new] {
            let answer = broker.classic("registerNotification", &request).await;
            assert_eq!(answer.error_code(), "0", "{}", answer.body);
            let id = format!("<notificationId>{}</notificationId>", answer.text("notificationId"));
            let other = broker.classic("unregisterNotification", &format!("<jobId>1_x_0001</jobId>{id}")).await;
            assert_eq!(other.error_code(), "302", "a registration of another job: {}", other.body);
            assert_eq!(broker.classic("unregisterNotification", &id).await.error_code(), "0");
        }
    }
}

#[actix_web::test]
async fn rule_4_the_spelling_decides_and_rule_5_the_configuration_does_the_rest() {
    for (default, returned_first) in [(Profile::V190, true), (Profile::V196, false)] {
        let broker = with_default(default);
        let job = broker.running_job().await;
        let id = format!("<jobId>{job}</jobId>");
        for operation in ["addCheckpointFileDirs", "deleteCheckpointFileDirs"] {
            for (spelling, first) in [("PHISICAL", true), ("PHYSICAL", false), ("LOGICAL", returned_first)] {
                let items = files(&["a"]).replace("PHYSICAL", spelling);
                let answer = broker.classic(operation, &format!("{id}{items}")).await;
                assert_eq!(answer.status, 200, "{}", answer.body);
                assert_eq!(order(&answer.body)[0] != "result", first, "{operation} {spelling}: {}", answer.body);
            }
            let mixed = files(&["a", "b"]).replacen("PHYSICAL", "PHISICAL", 1);
            assert_ne!(order(&broker.classic(operation, &format!("{id}{mixed}")).await.body)[0], "result");
        }
        for (operation, member) in [("getJobInfo", "<project"), ("getJobHistory", "<applicationAccess")] {
            let answer = broker.classic_at(CLASSIC_PATH, operation, &id, Some(ADA)).await;
            assert_eq!(answer.body.contains(member), default == Profile::V196, "{operation}");
        }
        let added = broker.classic("addCheckpointFileDirs", &format!("{id}{}", files(&["c"]))).await;
        assert_eq!(added.error_code(), "0", "{}", added.body);
        let spelling = if default == Profile::V190 { "PHISICAL" } else { "PHYSICAL" };
        assert!(
            broker.classic("getCheckpointFileDirs", &id).await.texts("urltype").iter().all(|word| word == spelling)
        );
    }
}
