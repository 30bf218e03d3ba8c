//! What SQLite calls: the file system and its files as tables of C functions.
//!
//! Nothing here may panic, as a panic must not cross into C; every function answers with a result code.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, OnceLock};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods, sqlite3_vfs};

use super::locks::Level;
use super::shared::Hold;
use super::{File, files};

/// The name under which connections ask for this file system.
pub(in super::super) const VFS_NAME: &CStr = c"flightsql-memory";

/// SQLite allocates `szOsFile` bytes for a file and hands them to `open`, which makes this of them.
#[repr(C)]
struct OpenFile {
    /// First, as SQLite reads the method table there.
    base: sqlite3_file,
    connection: *mut Connection,
}

/// One connection's hold on a file.
struct Connection {
    file: Arc<File>,
    level: Level,
    shared: Hold,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Makes the file system known to SQLite, once a process.
pub(super) fn register() -> Result<(), rusqlite::Error> {
    static REGISTERED: OnceLock<c_int> = OnceLock::new();
    let code = *REGISTERED.get_or_init(|| {
        // SAFETY: null asks for the default file system, whose table lives as long as the process.
        let default = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
        if default.is_null() {
            return ffi::SQLITE_ERROR;
        }
        // SAFETY: not null, and only read: clock, randomness and sleep stay those of the default.
        let inherited = unsafe { *default };
        let vfs = Box::leak(Box::new(sqlite3_vfs {
            szOsFile: size_of::<OpenFile>() as c_int,
            mxPathname: 512,
            pNext: ptr::null_mut(),
            zName: VFS_NAME.as_ptr(),
            pAppData: ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            ..inherited
        }));
        // SAFETY: the table is leaked, so it lives as long as SQLite may call it.
        unsafe { ffi::sqlite3_vfs_register(vfs, 0) }
    });
    if code == ffi::SQLITE_OK {
        return Ok(());
    }
    Err(rusqlite::Error::SqliteFailure(
        ffi::Error::new(code),
        Some("the file system for databases in memory could not be registered".to_owned()),
    ))
}

/// The name that SQLite passed, or `None` for a temporary file.
///
/// # Safety
/// `name` is null or a C string that outlives `'a`.
unsafe fn text<'a>(name: *const c_char) -> Option<&'a str> {
    if name.is_null() {
        return None;
    }
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(name) }.to_str().ok()
}

/// The connection behind a file that [`open`] filled.
///
/// # Safety
/// `file` came from [`open`], has not been closed, and is used by no other thread meanwhile: SQLite uses the files of
/// one connection from one thread at a time.
unsafe fn connection<'a>(file: *mut sqlite3_file) -> &'a mut Connection {
    // SAFETY: `open` made an `OpenFile` of it and stored a boxed `Connection`, which `close` alone takes away.
    unsafe { &mut *(*file.cast::<OpenFile>()).connection }
}

unsafe extern "C" fn open(
    _vfs: *mut sqlite3_vfs,
    name: *const c_char,
    target: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let target = target.cast::<OpenFile>();
    // SAFETY: SQLite hands over `szOsFile` bytes; without a method table it will not call `close` if this fails.
    unsafe { (*target).base.pMethods = ptr::null() };
    // SAFETY: SQLite passes null or a C string that outlives the file.
    let file = match unsafe { text(name) } {
        None => Arc::default(),
        Some(name) => {
            let mut files = files();
            match files.get(name) {
                Some(file) => Arc::clone(file),
                None if flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & ffi::SQLITE_OPEN_MAIN_DB == 0 => {
                    Arc::clone(files.entry(name.to_owned()).or_default())
                }
                None => return ffi::SQLITE_CANTOPEN,
            }
        }
    };
    let connection = Box::into_raw(Box::new(Connection { file, level: Level::None, shared: Hold::default() }));
    // SAFETY: as above; the box is taken back in `close`.
    unsafe {
        (*target).connection = connection;
        (*target).base.pMethods = &raw const METHODS;
    }
    if !out_flags.is_null() {
        // SAFETY: not null, and SQLite's to be written.
        unsafe { *out_flags = flags };
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once, and does not use it after.
    let mut connection = unsafe { Box::from_raw((*file.cast::<OpenFile>()).connection) };
    let Connection { file, level, shared } = &mut *connection;
    file.locks.lower(level, Level::None);
    file.shared.detach(shared);
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut sqlite3_file, target: *mut c_void, count: c_int, offset: i64) -> c_int {
    let (Ok(count), Ok(offset)) = (usize::try_from(count), usize::try_from(offset)) else {
        return ffi::SQLITE_IOERR_READ;
    };
    // SAFETY: SQLite's contract for `xRead`: `target` has room for `count` bytes.
    let target = unsafe { std::slice::from_raw_parts_mut(target.cast::<u8>(), count) };
    // SAFETY: an open file of ours.
    let connection = unsafe { connection(file) };
    if connection.file.storage.read(target, offset) < count {
        return ffi::SQLITE_IOERR_SHORT_READ;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn write(file: *mut sqlite3_file, source: *const c_void, count: c_int, offset: i64) -> c_int {
    let (Ok(count), Ok(offset)) = (usize::try_from(count), usize::try_from(offset)) else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    // SAFETY: SQLite's contract for `xWrite`: `source` has `count` bytes.
    let source = unsafe { std::slice::from_raw_parts(source.cast::<u8>(), count) };
    // SAFETY: an open file of ours.
    match unsafe { connection(file) }.file.storage.write(source, offset) {
        Ok(()) => ffi::SQLITE_OK,
        Err(_) => ffi::SQLITE_FULL,
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, len: i64) -> c_int {
    let Ok(len) = usize::try_from(len) else {
        return ffi::SQLITE_IOERR_TRUNCATE;
    };
    // SAFETY: an open file of ours.
    unsafe { connection(file) }.file.storage.truncate(len);
    ffi::SQLITE_OK
}

unsafe extern "C" fn sync(_file: *mut sqlite3_file, _flags: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: an open file of ours, and a place of SQLite's to write to.
    unsafe { *size = connection(file).file.storage.len() as i64 };
    ffi::SQLITE_OK
}

fn level(code: c_int) -> Level {
    match code {
        ffi::SQLITE_LOCK_NONE => Level::None,
        ffi::SQLITE_LOCK_SHARED => Level::Shared,
        ffi::SQLITE_LOCK_RESERVED => Level::Reserved,
        ffi::SQLITE_LOCK_PENDING => Level::Pending,
        _ => Level::Exclusive,
    }
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, wanted: c_int) -> c_int {
    // SAFETY: an open file of ours.
    let Connection { file, level: held, .. } = unsafe { connection(file) };
    match file.locks.raise(held, level(wanted)) {
        Ok(()) => ffi::SQLITE_OK,
        Err(_) => ffi::SQLITE_BUSY,
    }
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, wanted: c_int) -> c_int {
    // SAFETY: an open file of ours.
    let Connection { file, level: held, .. } = unsafe { connection(file) };
    file.locks.lower(held, level(wanted));
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, result: *mut c_int) -> c_int {
    // SAFETY: an open file of ours, and a place of SQLite's to write to.
    unsafe { *result = c_int::from(connection(file).file.locks.is_reserved()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_file: *mut sqlite3_file, _op: c_int, _arg: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_file: *mut sqlite3_file) -> c_int {
    4096
}

unsafe extern "C" fn device_characteristics(_file: *mut sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_ATOMIC | ffi::SQLITE_IOCAP_SAFE_APPEND | ffi::SQLITE_IOCAP_SEQUENTIAL | ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(file: *mut sqlite3_file, index: c_int, size: c_int, extend: c_int, address: *mut *mut c_void) -> c_int {
    let (Ok(index), Ok(size)) = (usize::try_from(index), usize::try_from(size)) else {
        return ffi::SQLITE_IOERR_SHMMAP;
    };
    // SAFETY: an open file of ours.
    let Connection { file, shared, .. } = unsafe { connection(file) };
    let region = file.shared.region(shared, index, size, extend != 0);
    // SAFETY: a place of SQLite's to write to.
    unsafe { *address = region.unwrap_or(ptr::null_mut()) };
    match region {
        Some(_) => ffi::SQLITE_OK,
        None => ffi::SQLITE_NOMEM,
    }
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, first: c_int, count: c_int, flags: c_int) -> c_int {
    let (Ok(first), Ok(count)) = (usize::try_from(first), usize::try_from(count)) else {
        return ffi::SQLITE_IOERR_SHMLOCK;
    };
    // SAFETY: an open file of ours.
    let Connection { file, shared, .. } = unsafe { connection(file) };
    let exclusive = flags & ffi::SQLITE_SHM_EXCLUSIVE != 0;
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        file.shared.unlock(shared, first, count, exclusive);
        return ffi::SQLITE_OK;
    }
    match file.shared.lock(shared, first, count, exclusive) {
        Ok(()) => ffi::SQLITE_OK,
        Err(_) => ffi::SQLITE_BUSY,
    }
}

unsafe extern "C" fn shm_barrier(_file: *mut sqlite3_file) {
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, _delete: c_int) -> c_int {
    // SAFETY: an open file of ours.
    let Connection { file, shared, .. } = unsafe { connection(file) };
    file.shared.detach(shared);
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_vfs: *mut sqlite3_vfs, name: *const c_char, _sync: c_int) -> c_int {
    // SAFETY: SQLite passes a C string.
    let removed = unsafe { text(name) }.and_then(|name| files().remove(name));
    match removed {
        Some(_) => ffi::SQLITE_OK,
        None => ffi::SQLITE_IOERR_DELETE_NOENT,
    }
}

unsafe extern "C" fn access(_vfs: *mut sqlite3_vfs, name: *const c_char, _flags: c_int, result: *mut c_int) -> c_int {
    // SAFETY: SQLite passes a C string, and a place to write to.
    unsafe { *result = c_int::from(text(name).is_some_and(|name| files().contains_key(name))) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(_vfs: *mut sqlite3_vfs, name: *const c_char, room: c_int, target: *mut c_char) -> c_int {
    // SAFETY: SQLite passes a C string.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes_with_nul();
    if usize::try_from(room).is_ok_and(|room| name.len() <= room) {
        // SAFETY: `target` has `room` bytes, and the name fits.
        unsafe { ptr::copy_nonoverlapping(name.as_ptr().cast(), target, name.len()) };
        return ffi::SQLITE_OK;
    }
    ffi::SQLITE_CANTOPEN
}
