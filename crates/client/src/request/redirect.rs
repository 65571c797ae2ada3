//! Which redirects are followed.

use super::url::{check, origin, resolve};
use super::{Answer, Call, Method};

/// What to do after an answer.
pub(super) enum Step {
    /// The answer is the last one.
    Done,
    /// Send this one next.
    Follow(Call),
}

/// Decides by the answer what comes next.
///
/// Only reading requests are redirected: a POST or PUT that is answered by
/// "look elsewhere" has done nothing, and sending it elsewhere is not ours to
/// decide. Headers, which hold a key, stay with the origin they were for.
pub(super) fn next(call: &Call, answer: &Answer) -> Step {
    let is_redirect = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
    let (true, Method::Get, Some(location)) = (is_redirect, call.method, answer.location()) else {
        return Step::Done;
    };
    let Ok(from) = check(&call.url) else {
        return Step::Done;
    };
    let url = resolve(&from, location);
    let Ok(to) = check(&url) else {
        return Step::Done;
    };
    // Never from a secure address to an open one.
    if from.scheme_str() == Some("https") && to.scheme_str() == Some("http") {
        return Step::Done;
    }
    let is_same_origin = origin(&from) == origin(&to);
    Step::Follow(Call {
        method: Method::Get,
        headers: if is_same_origin {
            call.headers.clone()
        } else {
            Vec::new()
        },
        url,
        json: None,
    })
}
