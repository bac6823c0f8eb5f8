//! `appeal login`: login and password, then a one-time code (P3). On a terminal, missing values are prompted for; in a
//! script, the first call prints the challenge, and a second one sends the code.

use reqwest::Method;
use serde::Serialize;
use serde_json::json;
use serde_with::skip_serializing_none;
use url::Url;

use crate::cli::args::change::DryRunArg;
use crate::cli::args::secrets::{CodeArg, PasswordArg, typed};
use crate::cli::args::values::word;
use crate::cli::base::{Context, DryRun, Exit, Failure, Outcome};
use crate::config::credentials::{self, Kept};
use crate::config::paths;
use crate::output::{Cell, Column, Shape};
use appeal_api::{Challenge, ChooseWay, Hidden, IssuedToken, Received, SignIn, SignInCode, code};
use appeal_client::{Client, Error};
use appeal_domain::{CodeWay, Scope, Word};
use appeal_i18n::{label, message};

/// The next step of a sign-in.
pub const CHALLENGE: Shape = Shape {
    columns: &[
        Column::new("challenge_id", Cell::Text),
        Column::new("ways.way", Cell::Join),
        Column::new("way", Cell::Word("code way")),
        Column::new("expires_at", Cell::Time),
    ],
    more: &[Column::new("ways.address", Cell::Join)],
    key: "challenge_id",
};

const SIGNED_IN: Shape = Shape {
    columns: &[
        Column::new("login", Cell::Text),
        Column::new("server", Cell::Text),
        Column::new("stored", Cell::Text),
        Column::new("expires_at", Cell::Time),
    ],
    more: &[Column::new("scopes", Cell::Join), Column::new("profile", Cell::Text)],
    key: "login",
};

/// Number of prompts for a code on a terminal.
const ASKED: usize = 5;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Sign in to a platform with your login and password, then a one-time code from SMS, e-mail or an \
                  authenticator app. The token is stored in the system keyring if available, otherwise in a file \
                  readable only by you (APPEAL_KEYRING=off selects the file), and is used by later commands for this \
                  server. APPEAL_TOKEN and --token-file work without signing in and take precedence.\n\n\
                  On a terminal you are prompted for everything. In a script, the first call reads the password from a \
                  file or stdin and prints the challenge; the second submits the code.",
    after_long_help = "Examples:
  appeal --server https://appeals.example login
  appeal --server https://appeals.example login --login petrova --password-file pw --way sms -q > challenge
  appeal --server https://appeals.example login --challenge \"$(cat challenge)\" --code 123456
  oathtool --totp -b \"$SECRET\" | appeal login --login petrova --password-file pw --way totp --code-file -"
)]
pub struct Args {
    /// Your login
    #[arg(long, value_name = "LOGIN", conflicts_with = "challenge")]
    pub login: Option<String>,
    #[command(flatten)]
    pub password: PasswordArg,
    #[command(flatten)]
    pub code: CodeArg,
    /// How to get the code
    #[arg(long, value_name = "WAY", value_parser = word::<CodeWay>())]
    pub way: Option<CodeWay>,
    /// Continue the sign-in that an earlier call started
    #[arg(long, value_name = "ID", conflicts_with = "password_file")]
    pub challenge: Option<String>,
    /// Also save the server as a profile with this name
    #[arg(long, value_name = "PROFILE")]
    pub save_as: Option<String>,
    #[command(flatten)]
    pub dry_run: DryRunArg,
}

#[skip_serializing_none]
#[derive(Serialize)]
struct SignedIn {
    login: String,
    server: String,
    stored: Kept,
    profile: Option<String>,
    scopes: Vec<Word<Scope>>,
    expires_at: jiff::Timestamp,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let shape = if self.code.code.is_none() && self.code.code_file.is_none() && !ctx.out.can_prompt() {
            &CHALLENGE
        } else {
            &SIGNED_IN
        };
        ctx.out.expects(shape)?;
        // A session that is still valid, and a device that is known, are not locked by wrong attempts of others.
        let (client, url) = ctx.server(|url| credentials::stored_token(url).ok().flatten())?;
        let client = client.on_device(credentials::device(&url));
        let given = self.code.optional(ctx).await?;
        if ctx.is_dry_run() {
            return Ok(self.planned(ctx, &url, given).await?.into());
        }
        let challenge = match &self.challenge {
            Some(id) => match self.way {
                // Naming a way sends a code, unless a code is given already.
                Some(way) if given.is_none() => {
                    client.choose_way(&ChooseWay { challenge_id: id.clone(), way }).await?
                }
                _ => return self.with_code(ctx, &client, &url, id, given).await.map(Outcome::from),
            },
            None => self.begin(ctx, &client, given.as_ref()).await?,
        };
        if given.is_none() && !ctx.out.can_prompt() {
            return hand_over(ctx, &challenge, "login").map(Outcome::from);
        }
        let challenge = match challenge.way {
            None if given.is_none() => choose(ctx, &client, challenge).await?,
            _ => challenge,
        };
        if given.is_none() {
            tell_where(ctx, &challenge);
        }
        self.with_code(ctx, &client, &url, &challenge.challenge_id, given).await.map(Outcome::from)
    }

    /// The plan of a dry run, as far as it is known without the platform. Nothing is sent, because every attempt to
    /// sign in counts.
    async fn planned(&self, ctx: &mut Context, url: &Url, given: Option<Hidden>) -> Result<DryRun, Failure> {
        let mut run = DryRun::default();
        let mut goes_on = given.is_some() || ctx.out.can_prompt();
        match &self.challenge {
            Some(id) => {
                if let Some(way) = self.way.filter(|_| given.is_none()) {
                    let body = ChooseWay { challenge_id: id.clone(), way };
                    run = run.sends(&Method::POST, "/v1/sign-in/way", &body);
                } else {
                    goes_on = true;
                }
            }
            None => {
                let login = self.login.clone();
                let login = login.map_or_else(|| Err(Failure::missing("--login")), Ok)?;
                let password = self.password.required(ctx, message!("ask-password")).await?;
                let way = self.way.or(given.is_some().then_some(CodeWay::Totp));
                let code = given.clone();
                run = run.sends(&Method::POST, "/v1/sign-in", &SignIn { login, password, way, code });
            }
        }
        if !goes_on {
            return Ok(run);
        }
        let challenge_id = self.challenge.clone().unwrap_or_else(|| "CHALLENGE_ID".to_owned());
        let code = given.unwrap_or_else(|| Hidden(String::new()));
        run = run.sends(&Method::POST, "/v1/sign-in/code", &SignInCode { challenge_id, code });
        let server = url.to_string().trim_end_matches('/').to_owned();
        run = run.changes(
            "store",
            &paths::credentials_file().unwrap_or_default(),
            json!({ "server": server, "token": "***" }),
        );
        if let Some(profile) = &self.save_as {
            let config = ctx.config()?;
            let key = format!("profiles.{profile}.server");
            config.set(&key, &server)?;
            run = run.changes("set", config.path(), json!({ "key": key, "value": server }));
        }
        Ok(run)
    }

    /// Sends login and password.
    async fn begin(
        &self,
        ctx: &mut Context,
        client: &Client,
        code: Option<&Hidden>,
    ) -> Result<Received<Challenge>, Failure> {
        let login = match &self.login {
            Some(login) => login.clone(),
            None if ctx.out.can_prompt() => ctx.out.ask(message!("ask-login"), None)?,
            None => return Err(Failure::missing("--login")),
        };
        let password = self.password.required(ctx, message!("ask-password")).await?;
        // A code that is given before the challenge is from an authenticator.
        let way = self.way.or(code.map(|_| CodeWay::Totp));
        Ok(client.sign_in(&SignIn { login, password, way, code: code.cloned() }).await?)
    }

    async fn with_code(
        &self,
        ctx: &mut Context,
        client: &Client,
        url: &Url,
        id: &str,
        given: Option<Hidden>,
    ) -> Result<(), Failure> {
        let asks = given.is_none();
        let mut given = given;
        for left in (0..ASKED).rev() {
            let typed = match given.take() {
                Some(code) => code,
                None => typed(ctx, "--code", message!("ask-code"))?,
            };
            match client.sign_in_code(&SignInCode { challenge_id: id.to_owned(), code: typed }).await {
                Ok(token) => return self.keep(ctx, url, token),
                Err(Error::Problem(problem)) if asks && left > 0 && problem.code == code::WRONG_CODE => {
                    ctx.out.line(&problem.detail);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::missing("--code"))
    }

    /// Stores the token.
    fn keep(&self, ctx: &mut Context, url: &Url, token: Received<IssuedToken>) -> Result<(), Failure> {
        let stored = credentials::store(url, &token.token.clone().into())?;
        if let Some(device) = &token.device {
            credentials::store_device(url, device)?;
        }
        let server = url.to_string().trim_end_matches('/').to_owned();
        if let Some(profile) = &self.save_as {
            let config = ctx.config()?;
            config.set(&format!("profiles.{profile}.server"), &server)?;
            config.save()?;
        }
        if std::env::var_os("APPEAL_TOKEN").is_some_and(|token| !token.is_empty()) {
            ctx.out.warn(message!("login-env-wins"));
        }
        let signed_in = SignedIn {
            login: token.login.clone(),
            server,
            stored,
            profile: self.save_as.clone(),
            scopes: token.scopes.clone(),
            expires_at: token.expires_at,
        };
        Ok(ctx.out.one(&signed_in, &SIGNED_IN)?)
    }
}

/// In a script: prints the challenge, and how to continue.
pub fn hand_over(ctx: &mut Context, challenge: &Received<Challenge>, command: &str) -> Result<(), Failure> {
    ctx.out.one(challenge, &CHALLENGE)?;
    if !ctx.out.format().is_json() {
        let id = &challenge.challenge_id;
        if challenge.way.is_none() && command == "login" {
            let ways: Vec<&str> = challenge.ways.iter().map(|offered| offered.way.as_str()).collect();
            ctx.out.note(message!("login-choose", id, ways = ways.join(", "), command));
        } else {
            ctx.out.note(message!("login-go-on", id, command));
        }
    }
    Ok(())
}

/// On a terminal: asks how to receive the code.
async fn choose(
    ctx: &mut Context,
    client: &Client,
    challenge: Received<Challenge>,
) -> Result<Received<Challenge>, Failure> {
    // A way that this version does not know cannot be requested.
    let (known, items): (Vec<CodeWay>, Vec<String>) = challenge
        .ways
        .iter()
        .filter_map(|offered| {
            let way = offered.way.known()?;
            let named = label(ctx.lang, CodeWay::VOCABULARY, way.as_str());
            let item = match &offered.address {
                Some(address) => format!("{named} ({address})"),
                None => named,
            };
            Some((way, item))
        })
        .unzip();
    if items.is_empty() {
        let ways: Vec<&str> = challenge.ways.iter().map(|offered| offered.way.as_str()).collect();
        let unknown = message!("login-ways-unknown", ways = ways.join(", "));
        return Err(Failure::from_message(Exit::Failed, "login", unknown));
    }
    let chosen = ctx.out.choose(message!("ask-way"), &items, 0)?;
    let Some(way) = known.get(chosen).copied() else { return Ok(challenge) };
    Ok(client.choose_way(&ChooseWay { challenge_id: challenge.challenge_id.clone(), way }).await?)
}

/// On a terminal: prints where the code was sent.
fn tell_where(ctx: &mut Context, challenge: &Challenge) {
    let address = challenge
        .ways
        .iter()
        .find(|offered| Some(&offered.way) == challenge.way.as_ref())
        .and_then(|offered| offered.address.clone());
    match address {
        Some(address) => ctx.out.note(message!("login-sent", address)),
        None => ctx.out.note(message!("login-totp")),
    }
}
