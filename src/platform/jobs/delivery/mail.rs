//! E-mails over SMTP, or as files.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret as _;

use super::files;
use crate::gateways::{Gateways, Tls};
use crate::store::outbox::{Claimed, Outcome};

/// Timeout of one command of the protocol.
const COMMAND: Duration = Duration::from_secs(30);

enum Way {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Files(std::path::PathBuf),
    /// The settings are invalid.
    Broken(String),
    None,
}

/// Sends e-mails.
pub struct Mailer {
    way: Way,
    from: Option<Mailbox>,
}

impl Mailer {
    /// Creates a mailer for these settings.
    pub fn new(gateways: &Gateways) -> Mailer {
        let way = match &gateways.smtp {
            None => Way::None,
            Some(url) => match Gateways::folder(url) {
                Some(folder) => Way::Files(folder),
                None => match transport(url, gateways) {
                    Ok(transport) => Way::Smtp(Box::new(transport)),
                    Err(error) => Way::Broken(error),
                },
            },
        };
        Mailer { way, from: sender(gateways) }
    }

    /// Sends a message.
    pub async fn send(&self, message: &Claimed, now: Timestamp) -> Outcome {
        let mail = match self.written(message, now) {
            Ok(mail) => mail,
            Err(reason) => return Outcome::Refused(reason),
        };
        match &self.way {
            Way::None => Outcome::Later { detail: "there is no mail server".to_owned(), after: None },
            Way::Broken(error) => Outcome::Later { detail: error.clone(), after: None },
            Way::Files(folder) => {
                files::keep(folder.clone(), format!("{}.eml", message.id), mail.formatted()).await
            }
            Way::Smtp(transport) => match send(transport, mail.envelope(), &mail.formatted()).await {
                Ok(answer) => Outcome::Delivered(answer),
                Err(error) => judged(&error),
            },
        }
    }

    fn written(&self, message: &Claimed, now: Timestamp) -> Result<Message, String> {
        let from = self.from.clone().ok_or("the sender is not an address")?;
        let to: Address = message.address.trim().parse().map_err(|e| format!("{}: {e}", message.address))?;
        let place = from.email.domain().to_owned();
        let date = SystemTime::from(now);
        let id = HeaderName::new_from_ascii_str("X-Appeal-Message-Id");
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(from)
            .to(Mailbox::new(None, to))
            .subject(message.subject.replace(['\r', '\n'], " "))
            .date(date)
            .message_id(Some(format!("<{}@{place}>", message.id)))
            .raw_header(HeaderValue::new(id, message.id.clone()))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
            .map_err(|e| e.to_string())
    }
}

async fn send(
    transport: &AsyncSmtpTransport<Tokio1Executor>,
    envelope: &Envelope,
    mail: &[u8],
) -> Result<String, lettre::transport::smtp::Error> {
    let response = transport.send_raw(envelope, mail).await?;
    Ok(format!("{} {}", response.code(), response.first_line().unwrap_or_default()))
}

/// Maps an error to the outcome of the message.
fn judged(error: &lettre::transport::smtp::Error) -> Outcome {
    let mut detail = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let text = next.to_string();
        if !detail.contains(&text) {
            detail = format!("{detail}: {text}");
        }
        cause = next.source();
    }
    if error.is_permanent() {
        // 530, 535 and similar codes concern the platform's own sign-in; the message itself is fine.
        let ours = ["530", "534", "535", "538"];
        let code = error.status().map(|code| code.to_string()).unwrap_or_default();
        if !ours.contains(&code.as_str()) {
            return Outcome::Refused(detail);
        }
    }
    // A failed connection attempt delivered nothing; a broken connection may have. The library distinguishes the two
    // only by its error text.
    let broke = error.is_timeout() || error.is_response() || detail.starts_with("network error");
    if broke && !detail.starts_with("Connection error") {
        return Outcome::Unknown(detail);
    }
    Outcome::Later { detail, after: None }
}

fn transport(url: &str, gateways: &Gateways) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let mut parsed = url::Url::parse(url).map_err(|e| e.to_string())?;
    match gateways.mail_tls() {
        Some(Tls::Required) => parsed.set_query(Some("tls=required")),
        // Without the parameter, the library does not encrypt.
        Some(Tls::Optional) if !url.contains("tls=opportunistic") => parsed.set_query(None),
        Some(Tls::Optional | Tls::Always) | None => {}
    }
    let mut builder =
        AsyncSmtpTransport::<Tokio1Executor>::from_url(parsed.as_str()).map_err(|e| e.to_string())?;
    if let Some(password) = &gateways.smtp_password {
        let user = percent_encoding::percent_decode_str(parsed.username()).decode_utf8_lossy().into_owned();
        builder = builder.credentials(Credentials::new(user, password.expose_secret().to_owned()));
    }
    Ok(builder.timeout(Some(COMMAND)).build())
}

/// Returns the sender of e-mails: as configured, or `noreply` at the name of the mail server.
fn sender(gateways: &Gateways) -> Option<Mailbox> {
    if let Some(from) = &gateways.mail_from {
        return from.parse().ok();
    }
    let url = gateways.smtp.as_deref().and_then(|smtp| url::Url::parse(smtp).ok());
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    format!("noreply@{host}").parse().or_else(|_| "noreply@localhost".parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use appeal_domain::{MessageChannel, NoticeKind};

    fn message(subject: &str, address: &str) -> Claimed {
        Claimed {
            id: "0193".into(),
            channel: MessageChannel::Email,
            kind: NoticeKind::Status,
            address: address.into(),
            subject: subject.into(),
            text: "Ответ готов.\nПосмотрите его.".into(),
            body: "{}".into(),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
            attempt: 1,
            claimed_at: Timestamp::UNIX_EPOCH,
            push_secret: None,
        }
    }

    #[test]
    fn a_mail_carries_its_id_and_no_header_of_others() {
        let gateways = Gateways {
            smtp: Some("smtp://127.0.0.1".into()),
            mail_from: Some("Обращения <appeals@example.org>".into()),
            ..Gateways::default()
        };
        let mailer = Mailer { way: Way::None, from: sender(&gateways) };
        let mail =
            mailer.written(&message("Ответ\r\nBcc: x@y", "a@example.org"), Timestamp::UNIX_EPOCH).unwrap();
        let text = String::from_utf8(mail.formatted()).unwrap();
        assert!(text.contains("Message-ID: <0193@example.org>\r\n"), "{text}");
        assert!(text.contains("X-Appeal-Message-Id: 0193\r\n"), "{text}");
        assert!(!text.contains("\nBcc"), "{text}");
        assert!(mailer.written(&message("x", "nobody"), Timestamp::UNIX_EPOCH).is_err());
        assert!(sender(&Gateways { mail_from: None, ..gateways }).is_some());
    }

    /// A mail server that accepts one e-mail and closes the connection without a response; without `takes` it closes it
    /// immediately.
    async fn hanging_up(takes: bool) -> Outcome {
        use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let listener = takes.then_some(listener);
        let server = async move {
            let Some(listener) = listener else { return };
            let (socket, _) = listener.accept().await.unwrap();
            let (read, mut write) = socket.into_split();
            let mut lines = BufReader::new(read).lines();
            write.write_all(b"220 here\r\n").await.unwrap();
            let mut mail = false;
            while let Some(line) = lines.next_line().await.unwrap() {
                match line.as_str() {
                    "." => return,
                    _ if mail => {}
                    "DATA" => {
                        mail = true;
                        write.write_all(b"354 go\r\n").await.unwrap();
                    }
                    _ => write.write_all(b"250 yes\r\n").await.unwrap(),
                }
            }
        };
        let url = format!("smtp://{at}");
        let gateways = Gateways { smtp: Some(url.clone()), ..Gateways::default() };
        let transport = transport(&url, &gateways).unwrap();
        let mail = Message::builder()
            .from("noreply@example.org".parse().unwrap())
            .to("a@example.org".parse().unwrap())
            .subject("x")
            .body("x".to_owned())
            .unwrap();
        let (mail, envelope) = (mail.formatted(), mail.envelope().clone());
        let (sent, ()) = tokio::join!(send(&transport, &envelope, &mail), server);
        judged(&sent.unwrap_err())
    }

    #[tokio::test]
    async fn a_server_that_hangs_up_leaves_it_unknown_whether_it_has_the_mail() {
        let outcome = hanging_up(true).await;
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
        let outcome = hanging_up(false).await;
        assert!(matches!(outcome, Outcome::Later { .. }), "{outcome:?}");
    }
}
