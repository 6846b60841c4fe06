//! Freed memory that the allocator keeps goes back to the system. The one place of unsafe code.

/// Gives freed memory back, as after a load, whose rows take several times what the facts do.
///
/// Takes some milliseconds for each 100 MB. Does nothing where the C library has no such call.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(
    unsafe_code,
    reason = "malloc_trim takes a number, may be called at any time and by any thread (malloc_trim(3))"
)]
pub fn give_back() {
    // SAFETY: it reads and changes nothing but the allocator's own free lists, under the allocator's locks.
    unsafe { libc::malloc_trim(0) };
}

/// Does nothing here: the C library has no such call.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}
