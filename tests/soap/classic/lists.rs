//! Lists: the classic operations have no pages, so all of a list comes at once, up to the bound.

use super::super::app::{ADA, Broker, DATE, EVE};
use super::path;
use grms::job::JobId;
use grms::operations::Settings as Bounds;
use grms::soap::classic::{Profile, Settings as Classic};
use grms::soap::{CLASSIC_PATH, Settings};
use grms::store::jobs::{self, NewJob};

/// More than one page of the modern operation, and no round number of them.
const JOBS: i64 = 2 * 1000 + 17;

async fn with_jobs(max_list: usize) -> (Broker, Vec<String>) {
    assert!(JOBS > 2 * i64::from(Bounds::default().max_list), "not more than two pages");
    let classic = Classic { max_list, ..Classic::default() };
    let broker = Broker::with(Settings { classic, ..Settings::default() });
    let rules = grms::description::Rules::everything("2026-01-01T10:00:00Z".parse().unwrap());
    let spec = grms::description::read(DATE, &rules).unwrap().spec;
    let ids: Vec<JobId> = (0..JOBS).map(|at| JobId::new(1_767_261_845_000 + at, "date", 1)).collect();
    let all = ids.clone();
    let accept = move |tx: &mut grms::store::Tx<'_>| {
        for (at, id) in ids.iter().enumerate() {
            let job = NewJob {
                id: id.clone(),
                owner: if at == 7 { EVE } else { ADA }.to_owned(),
                description: DATE.to_owned(),
                spec: spec.clone(),
                request: None,
                hold: false,
                at: "2026-01-01T10:04:05Z".parse().unwrap(),
            };
            jobs::accept(tx, &job)?;
        }
        Ok::<_, grms::store::StoreError>(())
    };
    broker.store.write(accept).await.unwrap();
    let mut own: Vec<String> = all.iter().map(ToString::to_string).collect();
    own.remove(7);
    own.reverse();
    (broker, own)
}

#[actix_web::test]
async fn a_list_of_several_pages_is_whole_newest_first_and_without_doubles() {
    let (broker, own) = with_jobs(10_000).await;
    for parts in ["", "<status>QUEUED</status>"] {
        for path in [CLASSIC_PATH, path(Profile::V190), path(Profile::V196)] {
            let answer = broker.classic_at(path, "getJobsList", parts, Some(ADA)).await;
            assert_eq!(answer.error_code(), "0");
            assert_eq!(answer.texts("item"), own, "{path}");
            assert!(answer.body.contains(&format!("soapenc:arrayType=\"xsd:string[{}]\"", own.len())));
        }
    }
    let none = broker.classic("getJobsList", "<status>FAILED</status>").await;
    assert!(none.body.contains("soapenc:arrayType=\"xsd:string[0]\""), "{}", none.body);
}

#[actix_web::test]
async fn a_list_beyond_the_bound_is_refused_and_not_cut() {
    let (broker, own) = with_jobs(usize::try_from(JOBS).unwrap() - 1).await;
    let fits = broker.classic("getJobsList", "").await;
    assert_eq!((fits.error_code().as_str(), fits.texts("item").len()), ("0", own.len()));
    for bound in [own.len() - 1, 1000, 999, 1] {
        let (broker, _) = with_jobs(bound).await;
        let answer = broker.classic("getJobsList", "").await;
        assert_eq!((answer.error_code().as_str(), answer.texts("item").len()), ("104", 0), "{bound}");
        assert!(answer.error_message().contains(&format!("more than {bound} jobs")), "{}", answer.error_message());
    }
}
