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
//! | [`Service`] | an authority that serves, and what is done to it beside requests |
//! | `routes` | the table of all endpoints |
//! | `router` | the way of a request |
//! | `call`, `caller`, `key` | what is asked, who asks, and whether the key is theirs |
//! | `form`, `payload`, `parameters` | queries, bodies, and what is checked of them |
//! | `ids`, `allocate`, `quota` | CVE IDs: list, show, change; reserve; what is left |
//! | `records`, `library` | records: publish, update, reject; lists and counts |
//! | `submission`, `stamp`, `schema` | what is checked of a record, and what the server writes into it |
//! | `orgs`, `users`, `system` | organisations, their users, health |
//! | `administration` | what the Secretariat and Roots do under `/authority/v1` |
//! | [`admin`], `load` | set-up without HTTP; a whole instance from one file |
//! | `openapi`, `schemas` | the documentation, made from the table |
//! | `rate`, `key_uses` | how often a client may ask; when keys were used |
//! | `seldom` | a warning that is logged once a minute, however often there is a reason |
//! | `request_log`, `metrics` | what is written and counted of requests |
//! | `page`, `answer`, `error` | what goes back |

pub mod admin;
mod administration;
mod allocate;
mod answer;
mod call;
mod caller;
mod error;
mod form;
mod ids;
mod key;
mod key_uses;
mod library;
mod load;
mod metrics;
mod openapi;
mod orgs;
mod page;
mod parameters;
mod payload;
mod plain;
mod quota;
mod rate;
mod records;
mod request_log;
mod router;
mod routes;
mod schema;
mod schemas;
mod seldom;
mod service;
mod stamp;
mod submission;
mod system;
mod users;

pub use administration::Denied;
pub use error::{BadParameter, Error, Refusal};
pub use key::ApiKey;
pub use load::{InvalidSeed, Loaded, Seed, load, load_seed};
pub use rate::{RateLimit, RateLimits};
pub use request_log::{RequestLine, RequestLog};
pub use router::{Compat, Operator, Settings, router};
pub use service::Service;
