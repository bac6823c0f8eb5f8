//! The client library: file an appeal with an attachment, then follow it until it is answered.
//!
//! ```text
//! APPEAL_TOKEN=… cargo run --example client -- http://127.0.0.1:8080
//! ```

use std::error::Error;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;

use appeal_api::{Appeal, NewAppeal, Received};
use appeal_client::{Client, HttpTransport, fresh_key};
use appeal_domain::{Kind, Status, Word};
use appeal_files::check_all;
use appeal_i18n::Lang;
use futures_util::StreamExt;
use secrecy::SecretString;
use url::Url;

/// A client of the platform at this address, signed in by a token.
pub fn connect(server: &str, token: String) -> Result<Client, Box<dyn Error>> {
    let transport = HttpTransport::new(&Url::parse(server)?)?;
    Ok(Client::new(Arc::new(transport), Some(SecretString::from(token)), Lang::En))
}

/// Files an appeal about a pothole with a photograph of it.
pub async fn file(client: &Client, photo: PathBuf) -> Result<Received<Appeal>, Box<dyn Error>> {
    // The same checks as the platform's, before a byte is sent.
    let (photos, findings) = check_all(&[photo], &client.limits().await?.attachments);
    if let Some(finding) = findings.first() {
        return Err(format!("{}: {}", finding.at.as_deref().unwrap_or_default(), finding.code).into());
    }
    // Files go up first; the appeal names them and appears together with them.
    let attachments = client.upload_all(&photos, &|_| ()).await?;
    let appeal = NewAppeal {
        subject: "Яма на Лесной улице у дома 3".to_owned(),
        text:
            "На правой полосе яма 80 на 60 см, утром 16 ноября в ней застрял автобус. Прошу отремонтировать."
                .to_owned(),
        kind: Some(Kind::Complaint),
        category: Some("roads.repair".to_owned()),
        region: Some("Новосибирская область".to_owned()),
        attachments,
        ..NewAppeal::default()
    };
    // The key makes a repeat safe: the same key and the same appeal give the first answer again.
    Ok(client.create(&appeal, &fresh_key()).await?)
}

/// Waits until the appeal has one of these statuses; returns it.
pub async fn wait_for(client: &Client, number: &str, statuses: &[Status]) -> Result<Status, Box<dyn Error>> {
    // Taken before the appeal is read, so that no change falls between the two.
    let cursor = client.present_cursor().await?;
    let now = client.show(number, false).await?;
    // A later platform may have statuses that this program does not know; it waits on in those.
    let reached = |status: &Word<Status>| status.known().filter(|status| statuses.contains(status));
    if let Some(status) = reached(&now.status) {
        return Ok(status);
    }
    let mut changes = pin!(client.follow(vec![number.to_owned()], Some(cursor)));
    while let Some(change) = changes.next().await {
        if let Some(status) = reached(&change?.status) {
            return Ok(status);
        }
    }
    Err("the stream of changes ended".into())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = std::env::args().nth(1).ok_or("the address of a platform is missing")?;
    let client = connect(&server, std::env::var("APPEAL_TOKEN")?)?;
    let filed = file(&client, PathBuf::from("examples/files/яма на дороге.jpg")).await?;
    say(&format!("{} is filed", filed.number));
    let status = wait_for(&client, &filed.number, &[Status::Answered, Status::Rejected]).await?;
    say(&format!("{}: {status}", filed.number));
    Ok(())
}

/// Only the command line's own printer may print in this crate's lints; an example may say what it did.
#[allow(clippy::print_stdout)]
fn say(what: &str) {
    println!("{what}");
}
