//! The store on a real PostgreSQL. Needs `GRMS_TEST_POSTGRES_URL`, a database on a server where databases may be made:
//! `scripts/test live postgres` starts one and sets it.

#![expect(clippy::unwrap_used, reason = "unwrap is how tests fail")]

#[path = "../store/registrations.rs"]
mod registrations;
#[path = "../store/scenarios.rs"]
mod scenarios;

use diesel::prelude::*;
use grms::store::Location;

struct Kept {
    location: Location,
    admin: String,
    name: String,
}

fn postgres(scenario: &str) -> Kept {
    let admin = std::env::var("GRMS_TEST_POSTGRES_URL")
        .expect("GRMS_TEST_POSTGRES_URL is not set: run `scripts/test live postgres`, which starts a server");
    let (server, _) = admin.rsplit_once('/').expect("the URL ends in a database name");
    let name = format!("grms_{}_{scenario}", std::process::id());
    let mut conn = PgConnection::establish(&admin).expect("the PostgreSQL server does not answer");
    diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut conn).unwrap();
    Kept { location: Location::Postgres(format!("{server}/{name}")), admin: admin.clone(), name }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Ok(mut conn) = PgConnection::establish(&self.admin) {
            let _ = diesel::sql_query(format!("DROP DATABASE {} WITH (FORCE)", self.name)).execute(&mut conn);
        }
    }
}

store_scenarios! { postgres }
registration_scenarios! { postgres }
