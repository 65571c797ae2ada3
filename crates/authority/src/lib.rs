//! A CVE Services: what reserves CVE IDs, keeps records and knows who may.
//!
//! [`router`] is the whole of it over HTTP, [`admin`] sets an instance up
//! without. A request reads the same everywhere: the router crosses once to a
//! blocking thread; there the body is parsed, the caller admitted by the type
//! of a handler's argument, the parameters checked, and one call to the store
//! made. Refusals carry the Program's own codes.
//!
//! | module | holds |
//! |---|---|
//! | `router` | the table of all endpoints, and the way of a request |
//! | `call`, `caller`, `key` | what is asked, who asks, and whether the key is theirs |
//! | `form`, `payload`, `parameters` | queries, bodies, and what is checked of them |
//! | `ids`, `allocate`, `quota` | CVE IDs: list, show, change; reserve; what is left |
//! | `records`, `library` | records: publish, update, reject; lists and counts |
//! | `submission`, `stamp`, `schema` | what is checked of a record, and what the server writes into it |
//! | `orgs`, `users`, `system` | organisations, their users, health |
//! | [`admin`], `load` | set-up without HTTP; a whole instance from one file |
//! | `rate`, `page`, `answer`, `error` | what goes back |

pub mod admin;
mod allocate;
mod answer;
mod call;
mod caller;
mod error;
mod form;
mod ids;
mod key;
mod library;
mod load;
mod orgs;
mod page;
mod parameters;
mod payload;
mod quota;
mod rate;
mod records;
mod router;
mod schema;
mod stamp;
mod submission;
mod system;
mod users;

pub use error::{BadParameter, Error, Refusal};
pub use key::ApiKey;
pub use load::{Loaded, load};
pub use rate::RateLimit;
pub use router::{Compat, Settings, router};
