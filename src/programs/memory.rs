//! How memory that was needed for a while is given back.

use libc::{M_MMAP_THRESHOLD, c_int, mallopt};

/// Blocks of this size, in bytes, and larger ones are the system's again as soon as they are freed.
const GIVEN_BACK: c_int = 4 * 1024 * 1024;

/// Hashing a password takes a block of 19 MiB. glibc raises the size from which on it gives blocks back to that of the
/// largest one that was freed, and then keeps such blocks, and pieces of them, for each thread that ever asked for one:
/// after 36 attempts to sign in, 12 at a time, a server had 324 MiB in memory instead of 52, and it never became less. A
/// size that was set stays as it is. Before there are other threads.
#[allow(unsafe_code)]
pub(super) fn give_back_large_blocks() {
    // SAFETY: sets a number of the allocator's own
    unsafe {
        mallopt(M_MMAP_THRESHOLD, GIVEN_BACK);
    }
}
