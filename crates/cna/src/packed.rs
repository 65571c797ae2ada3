//! Streams that may be packed with zstd.

use std::io::{self, Read};

/// The largest window a packed stream may ask for, as a power of two: 32 MiB.
const WINDOW_LOG: u32 = 25;

/// The stream without its packing, which shows in its first four bytes.
pub(crate) fn unpacked(mut from: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut magic = Vec::with_capacity(4);
    (&mut from).take(4).read_to_end(&mut magic)?;
    let is_packed = magic == [0x28, 0xb5, 0x2f, 0xfd];
    let whole = io::Cursor::new(magic).chain(from);
    if !is_packed {
        return Ok(Box::new(whole));
    }
    let mut decoder = zstd::Decoder::new(whole)?;
    decoder.window_log_max(WINDOW_LOG)?;
    Ok(Box::new(decoder))
}
