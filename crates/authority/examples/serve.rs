//! Serves an authority for comparisons with another server.
//!
//! `cargo run -p authority --example serve -- ADDRESS DATABASE SEED [2.3]`
//! loads SEED into the empty DATABASE and serves it on ADDRESS until killed.

use std::error::Error;
use std::io::Read as _;

use authority::{Compat, Settings};
use cve::time::Timestamp;
use cve::world::World;
use store::{DatabaseUrl, Store};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || {
        arguments
            .next()
            .ok_or("ADDRESS, DATABASE and SEED are needed")
    };
    let (address, database, seed) = (next()?, next()?, next()?);
    let compat = match arguments.next().as_deref() {
        Some("2.3") => Compat::V2_3,
        _ => Compat::Current,
    };
    let world = world();
    let store = Store::open(database.parse::<DatabaseUrl>()?, world.clone())?;
    let loaded = authority::load(&store, &world, &std::fs::read(seed)?)?;
    eprintln!("loaded {loaded:?}");
    let settings = Settings {
        compat,
        ..Settings::default()
    };
    let limits = settings.limits;
    let router = authority::router(store, world, settings);
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        eprintln!("serving on {}", listener.local_addr()?);
        http::serve(listener, router, limits, std::future::pending()).await;
        Ok(())
    })
}

#[allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "an executable reads the real world, and an example may stop"
)]
fn world() -> World {
    let now = || {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        Timestamp::from_unix_ms(since.as_millis() as i64).unwrap()
    };
    let random = |bytes: &mut [u8]| {
        let mut source = std::fs::File::open("/dev/urandom").unwrap();
        source.read_exact(bytes).unwrap();
    };
    World::new(now, random)
}
