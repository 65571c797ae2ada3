//! What both servers share, below any rule: how a request reaches a blocking
//! thread, how long and how large it may be, and how a server ends.
//!
//! | module | holds |
//! |---|---|
//! | [`crossing`] | the one way from an async handler to synchronous work |
//! | [`limits`] | sizes and times of a request |
//! | [`headers`] | the headers that make browsers careful |
//! | [`error`] | what a server says when something broke |
//! | [`spelling`] | names of headers in the letters a client expects |
//! | [`drain`] | serving a listener until told to stop, and then to the end |

mod alarm;
pub mod crossing;
pub mod drain;
pub mod error;
pub mod headers;
pub mod limits;
pub mod spelling;

pub use crossing::Crossing;
pub use drain::{Answering, serve, serve_by};
pub use error::Failure;
pub use limits::Limits;
pub use spelling::Spelling;
