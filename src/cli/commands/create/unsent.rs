//! How an appeal that was written and not filed is filed later.

use super::stored::{Written, read, stored};
use super::{ask, dry_run, missing, post};
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::message::{Parcel, Sending};

/// How an appeal is filed later.
pub const CREATE: &Sending = &sending("create");

/// How an appeal is registered later.
pub const REGISTER: &Sending = &sending("operator register");

const fn sending(command: &'static str) -> Sending {
    Sending {
        command,
        send: |ctx, parcel| Box::pin(send(ctx, parcel)),
        ask: Some(|ctx, parcel| Box::pin(complete(ctx, parcel))),
        missing: Some(|parcel| read(parcel).map_or_else(|_| Vec::new(), |written| missing(&written.record))),
        change: Some(|parcel, flags| {
            let Written { record, sender } = read(parcel)?;
            (parcel.body, parcel.files) = stored(&record.overlaid(flags), &sender);
            Ok(())
        }),
    }
}

async fn send(ctx: &mut Context, parcel: Parcel) -> Result<Outcome, Failure> {
    let Written { record, sender } = read(&parcel)?;
    let lacking = missing(&record);
    if !lacking.is_empty() {
        return Err(Failure::missing(&lacking.join(", ")));
    }
    if ctx.is_dry_run() {
        return dry_run::run(ctx, &record, &sender, &parcel.key).await.map(Outcome::from);
    }
    post(ctx, &record, &sender, &parcel.key).await
}

async fn complete(ctx: &mut Context, parcel: &mut Parcel) -> Result<bool, Failure> {
    let Written { mut record, sender } = read(parcel)?;
    // It may have been written long ago.
    for said in [&record.content.subject, &record.content.text].into_iter().flatten() {
        ctx.out.line(said);
    }
    let client = ctx.client().await?;
    let dry_run = ctx.is_dry_run();
    let goes = ask::complete(ctx, &client, &mut record, &sender, dry_run).await?;
    (parcel.body, parcel.files) = stored(&record, &sender);
    Ok(goes)
}
