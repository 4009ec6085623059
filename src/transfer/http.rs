//! HTTP and HTTPS: GET for inputs, PUT for outputs, streamed in both directions with a bounded amount in memory.
//!
//! An input appears under its final name when its length, and its checksum where the server states one, agree. Whether half an
//! output can be seen on the server is the server's matter. Directories are not moved.

mod answer;
mod client;

use self::answer::{broken, next_hop, refusal, stated_digest};
use super::failure::shown;
use super::landing::{hexadecimal, temporary};
use super::outgoing::Outgoing;
use super::{Access, Landing, Moved, TransferError, TransferProtocol};
use crate::job::{Code, FileKind, Scheme, Url};
use async_trait::async_trait;
use futures_util::stream;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Client, Response};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// The protocol of `http:` and `https:`.
pub(super) struct Http {
    spool: PathBuf,
}

/// More redirects are a circle.
const REDIRECTS: usize = 10;

/// How much of a file is in memory.
const BLOCK: usize = 256 * 1024;

impl Http {
    /// With the directory for private copies.
    pub(super) fn new(spool: PathBuf) -> Self {
        Self { spool }
    }
}

#[async_trait]
impl TransferProtocol for Http {
    fn schemes(&self) -> &'static [Scheme] {
        &[Scheme::Http, Scheme::Https]
    }

    fn moves_directories(&self) -> bool {
        false
    }

    async fn fetch(&self, from: &Url, to: &Landing, access: &Access) -> Result<Moved, TransferError> {
        let request = Request::new(from, access, format!("fetching {}", shown(from)), Code::StageInFailed);
        request.refuse_directory(to.kind)?;
        let path = to.reachable(Code::StageInFailed)?;
        let response = request.get().await?;
        to.make_room(&request.doing).await?;
        let half = HalfWritten::beside(&path);
        let moved = request.write(response, &half.path).await?;
        half.complete(&path).await.map_err(|error| TransferError::io(&request.doing, request.otherwise, &error))?;
        Ok(moved)
    }

    async fn push(&self, from: &Landing, to: &Url, access: &Access) -> Result<Moved, TransferError> {
        let doing = format!("delivering {} to {}", from.path.display(), shown(to));
        let request = Request::new(to, access, doing, Code::StageOutFailed);
        request.refuse_directory(from.kind)?;
        let outgoing = Outgoing::open(from, &self.spool).await?;
        request.put(&outgoing.path).await
    }
}

/// One transfer over HTTP.
struct Request<'a> {
    url: &'a Url,
    access: &'a Access,
    doing: String,
    otherwise: Code,
}

impl<'a> Request<'a> {
    fn new(url: &'a Url, access: &'a Access, doing: String, otherwise: Code) -> Self {
        Self { url, access, doing, otherwise }
    }

    fn refuse_directory(&self, kind: FileKind) -> Result<(), TransferError> {
        match kind {
            FileKind::File => Ok(()),
            FileKind::Directory => {
                let message = format!("{} failed: HTTP moves files, not directories; use gsiftp", self.doing);
                Err(TransferError::permanent(self.otherwise, message))
            }
        }
    }

    fn stalled(&self) -> TransferError {
        let seconds = self.access.stall.as_secs();
        TransferError::transient(Code::TransferTimeout, format!("{} failed: nothing moved for {seconds} s", self.doing))
    }

    async fn client(&self, url: &reqwest::Url) -> Result<Client, TransferError> {
        let secure = url.scheme() == "https";
        client::open(self.access, secure, self.otherwise).await
    }

    fn start(&self) -> Result<reqwest::Url, TransferError> {
        reqwest::Url::parse(&self.url.to_string()).map_err(|error| {
            let message = format!("{} failed: it is not a URL: {error}", self.doing);
            TransferError::permanent(self.otherwise, message)
        })
    }

    fn too_many_redirects(&self) -> TransferError {
        let message = format!("{} failed: more than {REDIRECTS} redirects", self.doing);
        TransferError::permanent(self.otherwise, message)
    }

    async fn get(&self) -> Result<Response, TransferError> {
        let mut url = self.start()?;
        for _ in 0..=REDIRECTS {
            let request = self.client(&url).await?.get(url.clone()).header(ACCEPT_ENCODING, "identity");
            let response = timeout(self.access.stall, request.send())
                .await
                .map_err(|_| self.stalled())?
                .map_err(|error| broken(error, &self.doing, self.otherwise))?;
            match response.status().as_u16() {
                200 => return Ok(response),
                301 | 302 | 303 | 307 | 308 => url = next_hop(&url, &response, self.url, self.otherwise)?,
                _ => return Err(refusal(response, &self.doing, self.url, self.otherwise).await),
            }
        }
        Err(self.too_many_redirects())
    }

    /// Writes an answer's body to a file and checks length and checksum.
    async fn write(&self, mut response: Response, path: &Path) -> Result<Moved, TransferError> {
        let local = |error: &std::io::Error| {
            TransferError::io(&format!("writing what {} gives", shown(self.url)), self.otherwise, error)
        };
        let expected = response.content_length();
        let stated = stated_digest(response.headers());
        let mut file = File::create(path).await.map_err(|error| local(&error))?;
        let mut digest = Sha256::new();
        let mut bytes = 0;
        loop {
            let part = timeout(self.access.stall, response.chunk())
                .await
                .map_err(|_| self.stalled())?
                .map_err(|error| broken(error, &self.doing, self.otherwise))?;
            let Some(part) = part else { break };
            digest.update(&part);
            bytes += part.len() as u64;
            file.write_all(&part).await.map_err(|error| local(&error))?;
        }
        file.flush().await.map_err(|error| local(&error))?;
        file.sync_data().await.map_err(|error| local(&error))?;
        if let Some(expected) = expected.filter(|expected| *expected != bytes) {
            let message = format!("{} failed: {bytes} bytes came, {expected} were announced", self.doing);
            return Err(TransferError::transient(self.otherwise, message));
        }
        let sha256 = hexadecimal(&digest.finalize());
        if stated.is_some_and(|stated| stated != sha256) {
            let message = format!("{} failed: the content does not have the checksum the server states", self.doing);
            return Err(TransferError::transient(Code::ChecksumMismatch, message));
        }
        Ok(Moved { bytes, sha256: Some(sha256) })
    }

    async fn put(&self, path: &Path) -> Result<Moved, TransferError> {
        let local = |error: &std::io::Error| TransferError::io(&self.doing, self.otherwise, error);
        let mut url = self.start()?;
        for _ in 0..=REDIRECTS {
            let file = File::open(path).await.map_err(|error| local(&error))?;
            let bytes = file.metadata().await.map_err(|error| local(&error))?.len();
            let progress = Arc::new(Progress::default());
            let request = self
                .client(&url)
                .await?
                .put(url.clone())
                .header(CONTENT_LENGTH, bytes)
                .header(CONTENT_TYPE, "application/octet-stream")
                .body(progress.clone().body(file, bytes));
            let response = tokio::select! {
                response = request.send() => response.map_err(|error| broken(error, &self.doing, self.otherwise))?,
                () = progress.stands_still(self.access.stall) => return Err(self.stalled()),
            };
            match response.status().as_u16() {
                200..=299 => return Ok(Moved { bytes, sha256: Some(progress.digest()) }),
                301 | 302 | 307 | 308 => url = next_hop(&url, &response, self.url, self.otherwise)?,
                _ => return Err(refusal(response, &self.doing, self.url, self.otherwise).await),
            }
        }
        Err(self.too_many_redirects())
    }
}

/// What has been handed to the connection so far.
#[derive(Default)]
struct Progress {
    bytes: AtomicU64,
    digest: Mutex<Sha256>,
}

impl Progress {
    /// A request body that reads at most `limit` bytes of `file` block by block.
    fn body(self: Arc<Self>, file: File, limit: u64) -> Body {
        Body::wrap_stream(stream::try_unfold((self, file.take(limit)), |(progress, mut file)| async move {
            let mut block = vec![0; BLOCK];
            let count = file.read(&mut block).await?;
            if count == 0 {
                return Ok::<_, std::io::Error>(None);
            }
            block.truncate(count);
            progress.digest.lock().unwrap_or_else(PoisonError::into_inner).update(&block);
            progress.bytes.fetch_add(count as u64, Ordering::Relaxed);
            Ok(Some((block, (progress, file))))
        }))
    }

    /// Ends when nothing moved for `stall`, at the latest after twice that time.
    async fn stands_still(&self, stall: Duration) {
        loop {
            let before = self.bytes.load(Ordering::Relaxed);
            tokio::time::sleep(stall).await;
            if self.bytes.load(Ordering::Relaxed) == before {
                return;
            }
        }
    }

    fn digest(&self) -> String {
        hexadecimal(&self.digest.lock().unwrap_or_else(PoisonError::into_inner).clone().finalize())
    }
}

/// A file under its temporary name; removed when it is not completed.
struct HalfWritten {
    path: PathBuf,
    completed: bool,
}

impl HalfWritten {
    fn beside(path: &Path) -> Self {
        Self { path: temporary(path), completed: false }
    }

    async fn complete(mut self, path: &Path) -> std::io::Result<()> {
        tokio::fs::rename(&self.path, path).await?;
        self.completed = true;
        Ok(())
    }
}

impl Drop for HalfWritten {
    fn drop(&mut self) {
        if !self.completed {
            // What cannot be removed now is overwritten by the next try.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
