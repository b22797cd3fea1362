//! The token of a box: the person's own, with less.

use std::io;
use std::os::windows::io::{FromRawHandle as _, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Security::{
    CreateRestrictedToken, CreateWellKnownSid, DISABLE_MAX_PRIVILEGE, SECURITY_MAX_SID_SIZE,
    SID_AND_ATTRIBUTES, TOKEN_ADJUST_DEFAULT, TOKEN_ASSIGN_PRIMARY, TOKEN_DUPLICATE, TOKEN_QUERY,
    WinBuiltinAdministratorsSid,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// The token of this process without its privileges, and in which being an administrator counts against and never for.
///
/// # Errors
/// When the system makes none.
pub(super) fn restricted() -> io::Result<OwnedHandle> {
    let mut own = ptr::null_mut();
    let wanted = TOKEN_ASSIGN_PRIMARY | TOKEN_DUPLICATE | TOKEN_QUERY | TOKEN_ADJUST_DEFAULT;
    // SAFETY: the handle of this process needs no closing; the token's is written to a place of ours.
    if unsafe { OpenProcessToken(GetCurrentProcess(), wanted, &raw mut own) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is ours alone.
    let own = unsafe { OwnedHandle::from_raw_handle(own) };
    // As large as any, and aligned as an identity has to be.
    let mut administrators = [0_u32; SECURITY_MAX_SID_SIZE as usize / size_of::<u32>()];
    let mut length = SECURITY_MAX_SID_SIZE;
    // SAFETY: the place has as many bytes as are said.
    let made = unsafe {
        CreateWellKnownSid(
            WinBuiltinAdministratorsSid,
            ptr::null_mut(),
            administrators.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    if made == 0 {
        return Err(io::Error::last_os_error());
    }
    let disabled = SID_AND_ATTRIBUTES {
        Sid: administrators.as_mut_ptr().cast(),
        Attributes: 0,
    };
    let mut token = ptr::null_mut();
    // SAFETY: one identity is given and counted, and lives through the call; nothing else is given.
    let made = unsafe {
        CreateRestrictedToken(
            std::os::windows::io::AsRawHandle::as_raw_handle(&own),
            DISABLE_MAX_PRIVILEGE,
            1,
            &raw const disabled,
            0,
            ptr::null(),
            0,
            ptr::null(),
            &raw mut token,
        )
    };
    if made == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is ours alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(token) })
}
