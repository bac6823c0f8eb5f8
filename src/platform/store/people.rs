//! People, their tokens, and the data that determines their permissions.

use jiff::Timestamp;

use super::db::{Row, Tx};
use crate::args;
use crate::caller::{Authentication, Caller, scopes_of};
use crate::fault::Result;
use appeal_domain::*;

const COLUMNS: &str = "p.id, p.login, p.name, p.role, p.state, p.levels, p.email, p.phone, p.preferred, p.region, \
     p.blocked_reason";

/// Returns the person with this login, with every scope of the role, as in a session of this process.
pub async fn caller_by_login(tx: &mut Tx, login: &str) -> Result<Option<Caller>> {
    let sql = format!("SELECT {COLUMNS} FROM people p WHERE p.login = $1");
    match tx.first(&sql, args![login]).await? {
        Some(row) => Ok(Some(caller(tx, &row, None, Authentication::Local).await?)),
        None => Ok(None),
    }
}

/// Returns the person whose token has this digest, if it is neither expired nor revoked.
pub async fn caller_by_token(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<Option<Caller>> {
    let sql = format!(
        "SELECT {COLUMNS}, t.scopes, t.session, t.created_at AS signed_in FROM tokens t JOIN people p ON p.id = t.person_id \
         WHERE t.digest = $1 AND t.expires_at > $2 AND t.revoked_at IS NULL"
    );
    match tx.first(&sql, args![digest, now]).await? {
        Some(row) => {
            let scopes: Vec<Scope> = row.json("scopes")?;
            let authentication = match row.flag("session")? {
                true => Authentication::Session(row.time("signed_in")?),
                false => Authentication::Token,
            };
            Ok(Some(caller(tx, &row, Some(scopes), authentication).await?))
        }
        None => Ok(None),
    }
}

/// Returns the state of an account.
pub async fn state(tx: &mut Tx, person_id: &str) -> Result<AccountState> {
    Ok(tx.one("SELECT state FROM people WHERE id = $1", args![person_id]).await?.word("state")?)
}

/// Returns the id of the active operator with this login who works for this department.
pub async fn operator_of(tx: &mut Tx, login: &str, department: Option<&str>) -> Result<Option<String>> {
    let sql = "SELECT p.id FROM people p JOIN department_operators o ON o.person_id = p.id \
               WHERE p.login = $1 AND o.department = $2 AND p.role = 'operator' AND p.state = 'active'";
    Ok(tx.first(sql, args![login, department]).await?.map(|row| row.text("id")).transpose()?)
}

/// Returns whether the stock people of an embedded platform are here.
pub async fn are_local(tx: &mut Tx) -> Result<bool> {
    let sql = "SELECT count(*) AS n FROM people WHERE login IN ('applicant', 'representative', 'operator', 'supervisor')";
    Ok(tx.one(sql, args![]).await?.int("n")? == 4)
}

/// Returns all logins, ordered.
pub async fn logins(tx: &mut Tx) -> Result<Vec<String>> {
    let rows = tx.all("SELECT login FROM people ORDER BY login", Vec::new()).await?;
    Ok(rows.iter().map(|r| r.text("login")).collect::<Result<_, _>>()?)
}

async fn caller(
    tx: &mut Tx,
    row: &Row,
    scopes: Option<Vec<Scope>>,
    authentication: Authentication,
) -> Result<Caller> {
    let person_id = row.text("id")?;
    let role: Role = row.word("role")?;
    let allowed = scopes_of(role);
    let scopes = match scopes {
        Some(scopes) => scopes.into_iter().filter(|s| allowed.contains(s)).collect(),
        None => allowed,
    };
    let departments = tx
        .all(
            "SELECT department FROM department_operators WHERE person_id = $1 ORDER BY department",
            args![&person_id],
        )
        .await?;
    let organizations = tx
        .all("SELECT inn FROM representatives WHERE person_id = $1 ORDER BY inn", args![&person_id])
        .await?;
    Ok(Caller {
        login: row.text("login")?,
        name: row.text("name")?,
        role,
        state: row.word("state")?,
        scopes,
        authentication,
        departments: departments.iter().map(|r| r.text("department")).collect::<Result<_, _>>()?,
        levels: row.json("levels")?,
        organizations: organizations.iter().map(|r| r.text("inn")).collect::<Result<_, _>>()?,
        email: row.text_opt("email")?,
        phone: row.text_opt("phone")?,
        preferred: row.word_opt("preferred")?,
        region: row.text_opt("region")?,
        blocked_reason: row.text_opt("blocked_reason")?,
        person_id,
    })
}
