//! One transfer of a plan: chooses the protocol, tries once, tells what it came to.

use super::paths::landing;
use super::work::Work;
use super::{Context, StepError};
use crate::job::{Code, Failure, FileKind, Location, Url};
use crate::store::transfers::{self, Plan, TransferRecord, Tried, Way};
use crate::transfer::{Access, Landing, Moved, TransferError, TransferProtocol};

/// Tries a transfer once and writes down what it came to.
pub(super) async fn attempt(
    ctx: &Context,
    work: &Work,
    plan: &Plan,
    record: &TransferRecord,
) -> Result<Tried, StepError> {
    let started = ctx.clock.now();
    let result = match work.variables.resolve_location(&record.location) {
        Location::Url(url) => one(ctx, work, plan.way, record, &url).await,
        Location::Logical { .. } => Err(TransferError {
            code: Code::CatalogueError,
            message: format!("{} is a logical name, and no catalogue is configured", record.location),
            site_text: None,
            transient: false,
        }),
    };
    let tried = match result {
        Ok(moved) => Tried::Moved { bytes: moved.bytes, sha256: moved.sha256 },
        Err(error) => {
            let again = error.transient && record.tries + 1 < ctx.settings.transfer_tries;
            let message = format!("{} (file {}, try {})", error.message, record.item, record.tries + 1);
            let failure = Failure::new(error.code, message).said(error.site_text.as_deref().unwrap_or_default());
            Tried::Failed { failure, again }
        }
    };
    let (plan, ordinal, now, kept) = (plan.clone(), record.ordinal, ctx.clock.now(), tried.clone());
    ctx.store
        .write(move |tx| -> Result<(), StepError> { Ok(transfers::tried(tx, &plan, ordinal, started, now, &kept)?) })
        .await?;
    Ok(tried)
}

async fn one(ctx: &Context, work: &Work, way: Way, record: &TransferRecord, url: &Url) -> Result<Moved, TransferError> {
    let protocol = protocol(ctx, url, record.kind)?;
    let access = Access {
        credential: (ctx.credentials)(&work.owner),
        authorities: ctx.authorities.clone(),
        stall: ctx.settings.transfer_stall,
    };
    let landing = Landing {
        shell: work.cluster.shell.clone(),
        user: work.user.clone(),
        path: landing(&work.place, &record.item),
        kind: record.kind,
    };
    match way {
        Way::In => {
            if let Some(parent) = landing.path.parent() {
                landing.shell.make_directory(parent).await.map_err(|error| local(&error))?;
            }
            protocol.fetch(url, &landing, &access).await
        }
        Way::Out => protocol.push(&landing, url, &access).await,
    }
}

fn protocol<'a>(ctx: &'a Context, url: &Url, kind: FileKind) -> Result<&'a dyn TransferProtocol, TransferError> {
    let refused =
        |message: String| TransferError { code: Code::DescUnsupported, message, site_text: None, transient: false };
    let Some(protocol) = ctx.protocols.for_scheme(url.scheme()) else {
        return Err(refused(format!("transfers by {} are not enabled here", url.scheme().as_str())));
    };
    if kind == FileKind::Directory && !protocol.moves_directories() {
        return Err(refused(format!("{} does not move whole directories; name the files", url.scheme().as_str())));
    }
    Ok(protocol)
}

fn local(error: &crate::shell::ShellError) -> TransferError {
    TransferError {
        code: if full(error) { Code::StorageFull } else { Code::StageInFailed },
        message: format!("the working area cannot be used: {}", with_cause(error)),
        site_text: None,
        transient: true,
    }
}

/// Whether a file operation failed for want of space.
pub(super) fn full(error: &crate::shell::ShellError) -> bool {
    matches!(error, crate::shell::ShellError::File { source, .. }
        if matches!(source.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded))
}

/// An error with its causes in one line.
pub(super) fn with_cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
