//! Registrations of both models meet in one store.

use super::super::app::{ADA, Broker, EVE};
use super::path;
use grms::clock::Clock;
use grms::job::{Notification, NotificationId};
use grms::soap::CLASSIC_PATH;
use grms::soap::classic::Profile;
use grms::store::notifications;

const LISTENER: &str = "https://portal.example.org/listener";

impl Broker {
    /// What the store keeps under an id.
    async fn registration(&self, id: &str) -> Notification {
        let id = NotificationId::parse(id).unwrap();
        let now = self.clock.now();
        let found = self.store.read(move |tx| notifications::find(tx, &id, now)).await.unwrap();
        found.expect("a registration that was just made").notification
    }
}

fn old(job: &str, listener: &str, kind: &str, users: &str) -> String {
    format!(
        "<client>portal-1</client><request><jobId>{job}</jobId><eventType>REQUEST</eventType><notificationType>{kind}</notificationType>\
         {listener}{users}</request>"
    )
}

#[actix_web::test]
async fn a_registration_of_190_is_shown_to_196_as_a_call_of_its_listener() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let listener = format!("<listener>{LISTENER}</listener>");
    let users = "<users>ada@example.org</users><users>+48601234567</users>";
    let array =
        "<users soapenc:arrayType=\"xsd:string[2]\"><item>ada@example.org</item><item>+48601234567</item></users>";
    for (listener, users) in [(listener.as_str(), users), (&listener, array), (&listener, "<users/>"), (&listener, "")]
    {
        let answer = broker.classic("registerNotification", &old(job.as_str(), listener, "SMS", users)).await;
        assert_eq!(answer.error_code(), "0", "{users}: {}", answer.body);
        let both = format!("<jobId>{job}</jobId><notificationId>{}</notificationId>", answer.text("notificationId"));
        let shown = broker.classic("getNotificationInformation", &both).await;
        assert_eq!(shown.error_code(), "0", "{}", shown.body);
        let told = ["eventType", "protocol", "destination", "append"].map(|name| shown.text(name));
        assert_eq!(told, ["REQUEST", "SOAP", LISTENER, "false"]);
        assert!(shown.body.contains("<format xsi:type=\"xsd:string\" xsi:nil=\"true\"/>"), "{}", shown.body);
    }
    let listed = broker.classic("getNotificationsList", &format!("<jobId>{job}</jobId>")).await;
    assert_eq!(listed.texts("item").len(), 4);
}

#[actix_web::test]
async fn the_store_keeps_what_only_190_says() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let listener = format!("<listener>{LISTENER}</listener>");
    let request = old(job.as_str(), &listener, "SMS", "<users>ada</users>");
    let id = broker.classic("registerNotification", &request).await.text("notificationId");
    let kept = broker.registration(&id).await;
    assert_eq!(kept.model, grms::job::Model::V190);
    assert_eq!(kept.client.as_deref(), Some("portal-1"));
    assert_eq!(kept.forward, Some(grms::job::Protocol::Sms));
    assert_eq!((kept.protocol, kept.users), (grms::job::Protocol::Soap, vec!["ada".to_owned()]));
    let alone = old(job.as_str(), "<listener xsi:nil=\"true\"/>", "MAIL", "<users>ada@example.org</users>");
    let id = broker
        .classic("registerNotification", &alone.replace("<client>portal-1</client>", "<client xsi:nil=\"1\"/>"))
        .await;
    let kept = broker.registration(&id.text("notificationId")).await;
    assert_eq!((kept.protocol, kept.destination, kept.client), (grms::job::Protocol::Mail, None, None));
    assert_eq!(kept.forward, None, "nobody forwards");
    let both = format!("<jobId>{job}</jobId><notificationId>{}</notificationId>", id.text("notificationId"));
    let shown = broker.classic("getNotificationInformation", &both).await;
    assert_eq!((shown.text("protocol"), shown.text("append")), ("SOAP".to_owned(), "false".to_owned()));
    assert!(shown.body.contains("<destination xsi:type=\"xsd:string\" xsi:nil=\"true\"/>"), "{}", shown.body);
    let new = format!(
        "<jobId>{job}</jobId><request><eventType>STATUS</eventType><protocol>GASS</protocol><destination>{LISTENER}</destination>\
         <append>1</append><format>%j %s</format></request>"
    );
    let id = broker.classic("registerNotification", &new).await.text("notificationId");
    let kept = broker.registration(&id).await;
    assert_eq!((kept.model, kept.append, kept.format.as_deref()), (grms::job::Model::V196, Some(true), Some("%j %s")));
}

#[actix_web::test]
async fn a_registration_is_named_with_its_own_job() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let request = old(job.as_str(), &format!("<listener>{LISTENER}</listener>"), "PROFILE", "<users>ada</users>");
    let id = broker.classic("registerNotification", &request).await.text("notificationId");
    let named = |job: &str| format!("<jobId>{job}</jobId><notificationId>{id}</notificationId>");
    for operation in ["getNotificationInformation", "unregisterNotification"] {
        let other = broker.classic(operation, &named("1_x_0001")).await;
        assert_eq!(other.error_code(), "302", "{}", other.body);
    }
    let own = broker.classic("getNotificationInformation", &named(job.as_str())).await;
    assert_eq!(own.error_code(), "0", "{}", own.body);
}

#[actix_web::test]
async fn a_registration_is_taken_back_in_either_way_and_by_its_owner_only() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let list = format!("<jobId>{job}</jobId>");
    let request = old(job.as_str(), &format!("<listener>{LISTENER}</listener>"), "PROFILE", "");
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(broker.classic("registerNotification", &request).await.text("notificationId"));
        broker.clock.advance(std::time::Duration::from_secs(1));
    }
    assert_eq!(broker.classic("getNotificationsList", &list).await.texts("item"), ids);
    let alone = format!("<notificationId>{}</notificationId>", ids[0]);
    for (path, parts) in
        [(CLASSIC_PATH, alone.clone()), (path(Profile::V190), alone.clone()), (CLASSIC_PATH, format!("{list}{alone}"))]
    {
        let foreign = broker.classic_at(path, "unregisterNotification", &parts, Some(EVE)).await;
        assert_eq!(foreign.error_code(), "302", "{}", foreign.body);
    }
    assert_eq!(broker.classic("getNotificationsList", &list).await.texts("item"), ids);
    assert_eq!(broker.classic("unregisterNotification", &alone).await.error_code(), "0");
    assert_eq!(broker.classic("getNotificationsList", &list).await.texts("item"), ids[1..]);
    assert_eq!(broker.classic("unregisterNotification", &alone).await.error_code(), "302");
    let both = format!("{list}<notificationId>{}</notificationId>", ids[1]);
    assert_eq!(broker.classic("unregisterNotification", &both).await.error_code(), "0");
    assert_eq!(broker.classic("getNotificationsList", &list).await.texts("item"), [""; 0]);
}

#[actix_web::test]
async fn what_only_the_classic_service_says_cannot_be_said_in_a_modern_request() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let notification = format!(
        "<notification><eventType>STATUS</eventType><protocol>SOAP</protocol><destination>{LISTENER}</destination></notification>"
    );
    for hidden in ["<legacy/>", "<client>portal-1</client>", "<model>1.9.0</model>", "<forward>SMS</forward>"] {
        let members = format!("<jobId>{job}</jobId>{notification}{hidden}");
        let answer = broker.call("registerNotification", &members, Some(ADA)).await;
        assert_eq!(answer.text("code"), "101", "{hidden}: {}", answer.body);
    }
}
