//! The container a box is: a name that files can be opened to, and nothing else that is open to it.

use std::io;
use std::os::windows::ffi::OsStrExt as _;
use std::ptr;

use windows_sys::Win32::Security::Isolation::{
    CreateAppContainerProfile, DeriveAppContainerSidFromAppContainerName,
};
use windows_sys::Win32::Security::{FreeSid, PSID};

/// What the system answers when the container is there already: `HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS)`.
const ALREADY_THERE: u32 = 0x8007_00B7;

/// A container.
pub(super) struct Container(PSID);

impl Container {
    /// The one of this name, which is made when it is not there.
    ///
    /// # Errors
    /// When the system makes none.
    pub(super) fn named(name: &str) -> io::Result<Self> {
        let wide = wide(name.as_ref());
        let mut identity: PSID = ptr::null_mut();
        // SAFETY: the strings end with a zero and live through the call; no capabilities are named, and none is counted; the
        // identity is written to a place of ours.
        let answer = unsafe {
            CreateAppContainerProfile(
                wide.as_ptr(),
                wide.as_ptr(),
                wide.as_ptr(),
                ptr::null(),
                0,
                &raw mut identity,
            )
        };
        if answer.cast_unsigned() == ALREADY_THERE {
            // SAFETY: as before.
            let answer =
                unsafe { DeriveAppContainerSidFromAppContainerName(wide.as_ptr(), &raw mut identity) };
            failed(answer)?;
        } else {
            failed(answer)?;
        }
        if identity.is_null() {
            return Err(io::Error::other("the system gave it no identity"));
        }
        Ok(Self(identity))
    }

    pub(super) fn identity(&self) -> PSID {
        self.0
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // SAFETY: the system gave it to us to be freed so, and nobody has it any more.
        unsafe { FreeSid(self.0) };
    }
}

fn failed(answer: i32) -> io::Result<()> {
    if answer < 0 {
        Err(io::Error::other(format!("{:#010x}", answer.cast_unsigned())))
    } else {
        Ok(())
    }
}

/// Text as the system takes it.
pub(super) fn wide(text: &std::ffi::OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}
