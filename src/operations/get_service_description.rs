//! `getServiceDescription`: what this broker is, in one line or in full.

use super::{ALL, Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, faults};
use crate::identity::{Action, Caller};
use crate::job::{Code, Dialect};
use async_trait::async_trait;

/// What is asked.
enum Request {
    /// One line.
    Short,
    /// Several lines.
    Full,
}

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        match fields.text("type")?.trim() {
            "SHORT" => Ok(Self::Short),
            "FULL" => Ok(Self::Full),
            other => {
                let given: String = other.chars().take(60).collect();
                let message = format!("type: expected SHORT or FULL, got `{given}`");
                Err(OperationError::new(Code::BadArgument, message))
            }
        }
    }
}

static CONTRACT: Contract = Contract {
    name: "getServiceDescription",
    request: &[Member::once("type", Kind::Named("DescriptionType"))],
    response: &[
        Member::once("description", Kind::Text),
        Member::once("version", Kind::Text),
        Member::many("dialect", Kind::Text),
        Member::many("limit", Kind::Named("Limit")),
    ],
    faults: faults!(),
};

/// The operation.
pub(super) struct GetServiceDescription;

#[async_trait]
impl Operation for GetServiceDescription {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        context.may(caller, Action::Inquire)?;
        let request = Request::decode(parts)?;
        Ok(describe(context, &request))
    }
}

fn describe(context: &Context, request: &Request) -> Parts {
    let version = env!("CARGO_PKG_VERSION");
    let limits = [
        ("jobDefinitionBytes", i64::try_from(context.settings.max_description).unwrap_or(i64::MAX)),
        ("jobDefinitionDepth", i64::try_from(context.settings.max_depth).unwrap_or(i64::MAX)),
        ("listItems", i64::from(context.settings.max_list)),
        ("bulkItems", i64::from(context.settings.max_bulk)),
        ("waitSeconds", i64::try_from(context.settings.longest_wait.as_secs()).unwrap_or(i64::MAX)),
    ];
    let mut description = format!("grms {version}, a grid resource broker");
    if matches!(request, Request::Full) {
        let operations: Vec<_> = ALL.iter().map(|operation| operation.contract().name).collect();
        let dialects: Vec<_> = Dialect::ALL.iter().map(|dialect| dialect.as_str()).collect();
        let shown: Vec<_> = limits.iter().map(|(name, value)| format!("{name} {value}")).collect();
        for (title, list) in [("operations", operations), ("dialects", dialects)] {
            description.push_str(&format!("\n{title}: {}", list.join(", ")));
        }
        description.push_str(&format!("\nlimits: {}", shown.join(", ")));
    }
    Parts::new()
        .with("description", description)
        .with("version", version)
        .with_list("dialect", Dialect::ALL.iter().map(|dialect| dialect.as_str()))
        .with_list("limit", limits.map(|(name, value)| Parts::new().with("name", name).with("value", value)))
}
