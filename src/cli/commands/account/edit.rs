//! `appeal account edit`.

use super::shape::SHAPE;
use crate::cli::args::change::DryRunArg;
use crate::cli::args::values::word;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::{EditProfile, Profile};
use appeal_domain::{ContactWay, Word};
use appeal_i18n::{Message, label, message};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Edit your account. Only the given fields change; an empty value clears a field. On a terminal \
                  without flags, you are prompted for every field. SNILS and INN check digits are verified before \
                  anything is sent. A new e-mail or phone is unconfirmed until you enter the code sent to it (`appeal \
                  account confirm`); a new phone makes the whole account unconfirmed.",
    after_long_help = "Examples:\n  appeal account edit --name 'Петрова Анна Сергеевна' --snils '112-233-445 95'\n  \
                       appeal account edit --passport ''"
)]
pub struct Args {
    /// Full name: surname, given name, patronymic
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// SNILS
    #[arg(long, value_name = "SNILS")]
    snils: Option<String>,
    /// Your personal INN, twelve digits
    #[arg(long, value_name = "INN")]
    inn: Option<String>,
    /// Passport series and number
    #[arg(long, value_name = "NUMBER")]
    passport: Option<String>,
    /// E-mail
    #[arg(long, value_name = "EMAIL")]
    email: Option<String>,
    /// Phone
    #[arg(long, value_name = "PHONE", allow_hyphen_values = true)]
    phone: Option<String>,
    /// Preferred contact method
    #[arg(long, value_name = "WAY", value_parser = word::<ContactWay>())]
    preferred: Option<ContactWay>,
    /// Region where you live
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        ctx.out.expects(&SHAPE)?;
        let mut edit = EditProfile {
            name: self.name,
            snils: self.snils,
            inn: self.inn,
            passport: self.passport,
            email: self.email,
            phone: self.phone,
            preferred: self.preferred,
            region: self.region,
        };
        if edit.is_empty() && !ctx.out.can_prompt() {
            return Err(Failure::missing("--name"));
        }
        check(ctx, &edit)?;
        let client = ctx.client().await?;
        if edit.is_empty() {
            let now = client.account().await?;
            edit = asked(ctx, &now)?;
            check(ctx, &edit)?;
        }
        let (new_phone, new_email) = (edit.phone.is_some(), edit.email.is_some());
        ctx.send(client.edit_account(&edit), |ctx, profile| {
            ctx.out.one(&profile, &SHAPE)?;
            let unconfirmed = |value: &Option<String>, confirmed: bool, new: bool| {
                value.clone().filter(|value| new && !confirmed && !value.is_empty())
            };
            if let Some(phone) = unconfirmed(&profile.phone, profile.phone_confirmed, new_phone) {
                ctx.out.note(message!("account-confirm-phone", phone));
            }
            if let Some(email) = unconfirmed(&profile.email, profile.email_confirmed, new_email) {
                ctx.out.note(message!("account-confirm-email", email));
            }
            Ok(())
        })
        .await
    }
}

fn check(ctx: &Context, edit: &EditProfile) -> Result<(), Failure> {
    let findings = edit.check();
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(appeal_i18n::findings(ctx.lang, &findings)))
    }
}

/// Asks for every field; unchanged ones are not sent.
fn asked(ctx: &mut Context, now: &Profile) -> Result<EditProfile, Failure> {
    let mut ask = |question: Message, present: Option<&str>| -> Result<Option<String>, Failure> {
        let typed = ctx.out.ask_optional(question, present)?.unwrap_or_default();
        Ok((typed != present.unwrap_or_default()).then_some(typed))
    };
    let mut edit = EditProfile {
        name: ask(message!("ask-name"), Some(&now.name))?,
        snils: ask(message!("ask-snils"), now.snils.as_deref())?,
        inn: ask(message!("ask-inn"), now.inn.as_deref())?,
        passport: ask(message!("ask-passport"), now.passport.as_deref())?,
        email: ask(message!("ask-own-email"), now.email.as_deref())?,
        phone: ask(message!("ask-own-phone"), now.phone.as_deref())?,
        region: ask(message!("ask-region"), now.region.as_deref())?,
        preferred: None,
    };
    let mut ways: Vec<Word<ContactWay>> = ContactWay::ALL.iter().copied().map(Word::from).collect();
    // A way of contact added by a later version can be kept.
    ways.extend(now.preferred.clone().filter(|way| !ways.contains(way)));
    let items: Vec<String> =
        ways.iter().map(|way| label(ctx.lang, ContactWay::VOCABULARY, way.as_str())).collect();
    let present = ways.iter().position(|way| now.preferred.as_ref() == Some(way));
    let chosen = ctx.out.choose(message!("ask-preferred"), &items, present.unwrap_or(0))?;
    edit.preferred =
        ways.get(chosen).filter(|way| now.preferred.as_ref() != Some(*way)).and_then(Word::known);
    Ok(edit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{Bench, parse};

    #[tokio::test]
    async fn a_wrong_snils_is_found_before_anything_is_sent() {
        let mut bench = Bench::new([]);
        let failure = parse::<Args>(&["--snils", "1"]).run(&mut bench.ctx).await.unwrap_err();
        assert_eq!(failure.exit, crate::cli::base::Exit::Invalid);
        assert_eq!(bench.seen(), []);
    }

    #[tokio::test]
    async fn a_script_has_to_name_what_changes() {
        let mut bench = Bench::new([]);
        let failure = parse::<Args>(&[]).run(&mut bench.ctx).await.unwrap_err();
        assert_eq!(failure.exit, crate::cli::base::Exit::Usage);
    }
}
