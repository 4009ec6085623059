//! Reading a message as the service would, without a caller and without running anything: for measurements, and for feeding the
//! readers with what nobody would write.

use super::addressing::Addressing;
use super::content::Media;
use super::door::Door;
use super::envelope::Envelope;
use super::fault::Fault;
use super::handler::Settings;
use crate::xml;

/// What a message to one of the service's addresses asks for: the operation, as its contract calls it.
///
/// # Errors
/// The whole envelope of the fault that would be the answer, and an empty text when there is no such address.
pub fn read_message(path: &str, content_type: &str, body: &[u8], settings: &Settings) -> Result<&'static str, String> {
    let door = Door::ALL.into_iter().find(|door| door.path() == path).ok_or_else(String::new)?;
    let media = Media::parse(content_type);
    let (mut version, mut addressing) = (door.first_version(&media), Addressing::default());
    let mut read = || -> Result<&'static str, Fault> {
        let (root, attachments) = media.open(body, settings.limits.bytes)?;
        let text = xml::decode(&root)?;
        let envelope = Envelope::open(xml::parse(&text, &settings.limits)?, door.versions())?;
        version = envelope.version;
        addressing = envelope.addressing();
        envelope.check_headers()?;
        addressing.check()?;
        Ok(door.decode(envelope.into_body()?, &attachments, settings)?.operation())
    };
    read().map_err(|fault| fault.render(version, door.details(), &addressing))
}
