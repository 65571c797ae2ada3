//! How many IDs an organisation may still reserve.

use serde_json::json;

use crate::answer::Answer;
use crate::call::Call;
use crate::caller::Caller;
use crate::error::{Error, Refusal};
use crate::orgs;
use crate::parameters;
use crate::router::Authority;

/// GET /org/:shortname/id_quota.
///
/// Gives: `available` is negative when the quota was lowered below its use.
/// Source: cve-services sections 6.4 and 7.
pub(crate) fn show(
    authority: &Authority,
    caller: Caller,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::ONE_ORG)?;
    let short_name = call.path("shortname").trim();
    if !caller.may_see(short_name) {
        return Err(Refusal::NotSameOrg.into());
    }
    let org = orgs::named(authority, short_name)?
        .ok_or_else(|| Refusal::UnknownOrgInPath(short_name.to_owned()))?;
    Ok(Answer::ok(&json!({
        "id_quota": org.id_quota,
        "total_reserved": org.reserved,
        "available": org.id_quota - org.reserved,
    })))
}
