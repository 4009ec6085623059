//! `data:` locations: the content lies in the description itself, so its size is bounded by the description's. Input only.

use super::failure::shown;
use super::landing::hexadecimal;
use super::{Access, Landing, Moved, TransferError, TransferProtocol};
use crate::job::{Code, FileKind, Scheme, Url};
use async_trait::async_trait;
use sha2::{Digest, Sha256};

/// The protocol of `data:`.
pub(super) struct Inline;

#[async_trait]
impl TransferProtocol for Inline {
    fn schemes(&self) -> &'static [Scheme] {
        &[Scheme::Data]
    }

    fn moves_directories(&self) -> bool {
        false
    }

    async fn fetch(&self, from: &Url, to: &Landing, _: &Access) -> Result<Moved, TransferError> {
        let doing = format!("writing {} on {}", shown(from), to.shell.host());
        let wrong = |why: &str| TransferError::permanent(Code::StageInFailed, format!("{doing} failed: {why}"));
        if to.kind != FileKind::File {
            return Err(wrong("the content is one file; declare it as file"));
        }
        let content = from.content().ok_or_else(|| wrong("it holds no content"))?;
        to.make_room(&doing).await?;
        let failed = |error| TransferError::shell(&doing, Code::StageInFailed, &error);
        to.shell.write_file(&to.path, &content, 0o600).await.map_err(failed)?;
        Ok(Moved { bytes: content.len() as u64, sha256: Some(hexadecimal(&Sha256::digest(&content))) })
    }

    async fn push(&self, from: &Landing, to: &Url, _: &Access) -> Result<Moved, TransferError> {
        let (name, url) = (from.path.display(), shown(to));
        let message = format!("{name} cannot be delivered to {url}: data: holds input only; name a place outside");
        Err(TransferError::permanent(Code::StageOutFailed, message))
    }
}
