//! What the CVE Program defines, as types and pure functions.
//!
//! Nothing here touches a file, the network, a clock or a thread: every
//! function is a plain function of its arguments, so everything can be
//! fuzzed, replayed and reused.
//!
//! | module | holds |
//! |---|---|
//! | [`id`] | [`CveId`](id::CveId) and [`Year`](id::Year) |
//! | [`time`] | [`Timestamp`](time::Timestamp), UTC to the millisecond |
//! | [`org`] | [`ShortName`](org::ShortName) of an organisation |
//! | [`world`] | the clock and randomness a caller passes in |
//! | [`hash`] | sha-256 digests and canonical JSON |
//! | [`cvss`] | CVSS vectors of every version, their scores and words |
//! | [`versions`] | orders of versions, their status in a record, and faults |
//! | [`cwe`] | weaknesses and attack patterns by number and name |
//! | [`cpe`] | CPE names, their bindings and how they compare |
//! | [`purl`] | package URLs |
//! | [`reference`](mod@reference) | addresses in one spelling, and the commits they name |
//! | [`check`] | findings about a record |
//! | [`compare`] | what differs between two containers |
//! | [`merge`] | three containers made one, field by field |
//! | [`score`] | how complete a record is |
//! | [`lint`] | the Program's content rules, and safe mends |
//! | [`convert`] | every document a record becomes, and records out of others |
//! | [`wire`] | the JSON shapes of CVE Services |

pub mod check;
pub mod compare;
pub mod convert;
pub mod cpe;
pub mod cvss;
pub mod cwe;
pub mod hash;
pub mod id;
pub mod lint;
pub mod merge;
pub mod org;
pub mod purl;
pub mod reference;
pub mod score;
pub mod time;
pub mod versions;
pub mod wire;
pub mod world;
