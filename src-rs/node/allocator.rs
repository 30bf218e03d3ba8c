//! The allocator of the addon's Rust code. Node and everything else in the process keep their own.
//!
//! h2 takes new memory for every frame, 1 MiB where the server makes use of what it is allowed. glibc gives such memory back to the system
//! and asks for it again, and the page faults of that were measured to cost twice of what receiving costs without them.

use mimalloc::MiMalloc;

#[cfg(not(feature = "test-hooks"))]
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[cfg(feature = "test-hooks")]
#[global_allocator]
static ALLOCATOR: crate::faults::RefusingAllocator<MiMalloc> = crate::faults::RefusingAllocator(MiMalloc);
