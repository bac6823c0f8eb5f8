//! Who may see an appeal: one condition in SQL, shared by lists, cards and the stream of changes, so that they never
//! disagree.

use super::co_executors;
use super::db::{Arg, Tx};
use crate::args;
use crate::caller::Caller;
use crate::fault::Result;
use appeal_domain::escalation::REVIEWING;
use appeal_domain::{Level, Role};

/// Returns the condition under which the caller may see the appeal in the table named by `alias`. Its values are
/// appended to `args`, whose current length determines the numbers of the placeholders.
///
/// A person sees what they filed, what was filed on behalf of their organizations, and what is shared with them; the
/// authority's staff also see what [`authority`] describes. A draft is visible to its author only.
pub fn condition(caller: &Caller, alias: &str, args: &mut Vec<Arg>) -> String {
    format!("({})", alternatives(caller, alias, args).join(" OR "))
}

/// Returns [`condition`] as alternatives, each of which an index answers in the order of creation. A list queries them
/// individually, because the combination would have to be read completely and sorted.
pub fn alternatives(caller: &Caller, alias: &str, args: &mut Vec<Arg>) -> Vec<String> {
    let mut any = personal(caller, alias, args);
    any.extend(official(caller, alias, args));
    any
}

/// Returns the conditions for what a person sees as an applicant or participant.
pub fn personal(caller: &Caller, alias: &str, args: &mut Vec<Arg>) -> Vec<String> {
    let me = bind(args, &caller.person_id);
    let mut any = vec![
        format!("{alias}.applicant_id = {me}"),
        format!("{alias}.id IN (SELECT appeal_id FROM participants WHERE person_id = {me})"),
    ];
    for inn in &caller.organizations {
        let inn = bind(args, inn);
        any.push(format!("({alias}.organization = {inn} AND {alias}.status <> 'draft')"));
    }
    any
}

/// Returns the condition under which the caller sees the appeal as a member of the authority's staff, including
/// internal comments and entries: operators the appeals of their departments; supervisors those ever escalated to their
/// levels and, if they handle reviews, those that were reviewed; co-executors theirs; administrators all.
pub fn authority(caller: &Caller, alias: &str, args: &mut Vec<Arg>) -> String {
    let any = official(caller, alias, args);
    if any.is_empty() { "(0 = 1)".to_owned() } else { format!("({})", any.join(" OR ")) }
}

/// Returns whether the caller is a supervisor who handles all reviews of decisions.
pub fn sees_reviews(caller: &Caller) -> bool {
    caller.role == Role::Supervisor && caller.levels.iter().any(|level| REVIEWING.contains(level))
}

fn official(caller: &Caller, alias: &str, args: &mut Vec<Arg>) -> Vec<String> {
    let mut any = of_the_role(caller, alias, args);
    any.extend(
        co_executors::subjects(caller, args)
            .into_iter()
            .map(|subject| format!("{alias}.id IN (SELECT appeal_id FROM co_executors WHERE {subject})")),
    );
    any
}

fn of_the_role(caller: &Caller, alias: &str, args: &mut Vec<Arg>) -> Vec<String> {
    match caller.role {
        Role::Admin => vec![format!("{alias}.status <> 'draft'")],
        Role::Operator if !caller.departments.is_empty() => {
            let departments = caller.departments.iter();
            departments
                .map(|code| {
                    format!("({alias}.department = {} AND {alias}.status <> 'draft')", bind(args, code))
                })
                .collect()
        }
        Role::Supervisor if !caller.levels.is_empty() => {
            let levels: Vec<&str> = caller.levels.iter().copied().map(Level::as_str).collect();
            let list = bind_all(args, &levels);
            let mut any =
                vec![format!("{alias}.id IN (SELECT appeal_id FROM escalations WHERE level IN ({list}))")];
            if sees_reviews(caller) {
                any.push(format!("{alias}.id IN (SELECT appeal_id FROM reviews)"));
            }
            any
        }
        _ => Vec::new(),
    }
}

fn bind(args: &mut Vec<Arg>, value: &str) -> String {
    args.push(Arg::from(value));
    format!("${}", args.len())
}

fn bind_all<S: AsRef<str>>(args: &mut Vec<Arg>, values: &[S]) -> String {
    let places: Vec<String> = values.iter().map(|v| bind(args, v.as_ref())).collect();
    places.join(", ")
}

/// Returns the id of the appeal with this number, if the caller may see it.
pub async fn id_of(tx: &mut Tx, caller: &Caller, number: &str) -> Result<Option<String>> {
    let mut args: Vec<Arg> = args![number];
    let visible = condition(caller, "a", &mut args);
    let sql =
        format!("SELECT a.id FROM appeals a WHERE (a.number = $1 OR a.draft_number = $1) AND {visible}");
    Ok(tx.first(&sql, args).await?.map(|row| row.text("id")).transpose()?)
}
