//! Opening files to a container. Rights are kept with the files: they are given once, to a directory and all below it.

use std::io;
use std::path::Path;
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    EXPLICIT_ACCESS_W, GRANT_ACCESS, GetNamedSecurityInfoW, SE_FILE_OBJECT, SetEntriesInAclW,
    SetNamedSecurityInfoW, TRUSTEE_IS_SID, TRUSTEE_IS_UNKNOWN, TRUSTEE_W,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACL, ACL_SIZE_INFORMATION, AclSizeInformation, CONTAINER_INHERIT_ACE,
    DACL_SECURITY_INFORMATION, EqualSid, GetAce, GetAclInformation, OBJECT_INHERIT_ACE, PSECURITY_DESCRIPTOR,
    PSID,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_DELETE_CHILD, FILE_GENERIC_EXECUTE, FILE_GENERIC_READ, FILE_GENERIC_WRITE,
};
use windows_sys::Win32::System::SystemServices::ACCESS_ALLOWED_ACE_TYPE;

use super::container::{Container, wide};

/// What a box may do with a file or a directory and all below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    Read,
    /// Also to write and delete; not to give rights to others, nor to take the file for its own.
    Change,
}

impl Right {
    fn mask(self) -> u32 {
        let read = FILE_GENERIC_READ | FILE_GENERIC_EXECUTE;
        match self {
            Self::Read => read,
            Self::Change => read | FILE_GENERIC_WRITE | DELETE | FILE_DELETE_CHILD,
        }
    }
}

/// Gives the container the right, unless it has it. All below inherits it, which takes long for much.
///
/// # Errors
/// When the person may not give it, or there is nothing at the path.
pub(super) fn give(path: &Path, container: &Container, right: Right) -> io::Result<()> {
    let metadata = std::fs::metadata(path)?;
    let name = wide(path.as_os_str());
    let mut list: *mut ACL = ptr::null_mut();
    let mut descriptor: PSECURITY_DESCRIPTOR = ptr::null_mut();
    // SAFETY: the name ends with a zero and lives through the call; the list lies in the descriptor, which is ours to free
    // and is kept until the end.
    let answer = unsafe {
        GetNamedSecurityInfoW(
            name.as_ptr(),
            SE_FILE_OBJECT,
            DACL_SECURITY_INFORMATION,
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut list,
            ptr::null_mut(),
            &raw mut descriptor,
        )
    };
    failed(answer)?;
    let _descriptor = Local(descriptor);
    if has(list, container.identity(), right.mask()) {
        return Ok(());
    }
    let inherited = if metadata.is_dir() {
        CONTAINER_INHERIT_ACE | OBJECT_INHERIT_ACE
    } else {
        0
    };
    let entry = EXPLICIT_ACCESS_W {
        grfAccessPermissions: right.mask(),
        grfAccessMode: GRANT_ACCESS,
        grfInheritance: inherited,
        Trustee: TRUSTEE_W {
            TrusteeForm: TRUSTEE_IS_SID,
            TrusteeType: TRUSTEE_IS_UNKNOWN,
            // By the form this is an identity, and no name.
            ptstrName: container.identity().cast(),
            ..TRUSTEE_W::default()
        },
    };
    let mut longer: *mut ACL = ptr::null_mut();
    // SAFETY: one entry is given and counted; the old list lives in the descriptor; the new one is ours to free.
    let answer = unsafe { SetEntriesInAclW(1, &raw const entry, list, &raw mut longer) };
    failed(answer)?;
    let longer = Local(longer.cast());
    // SAFETY: the name ends with a zero, and the list lives through the call, which changes nothing but the list of rights.
    let answer = unsafe {
        SetNamedSecurityInfoW(
            name.as_ptr(),
            SE_FILE_OBJECT,
            DACL_SECURITY_INFORMATION,
            ptr::null_mut(),
            ptr::null_mut(),
            longer.0.cast(),
            ptr::null(),
        )
    };
    failed(answer)
}

/// Whether a list of rights allows the identity all of `mask`.
fn has(list: *const ACL, identity: PSID, mask: u32) -> bool {
    if list.is_null() {
        // No list means that everybody may do everything, but for containers, which have to be named.
        return false;
    }
    let mut size = ACL_SIZE_INFORMATION::default();
    let Ok(length) = u32::try_from(size_of::<ACL_SIZE_INFORMATION>()) else {
        return false;
    };
    // SAFETY: the list is one of the system's, and the place has as many bytes as are said.
    let known = unsafe { GetAclInformation(list, (&raw mut size).cast(), length, AclSizeInformation) };
    if known == 0 {
        return false;
    }
    (0..size.AceCount).any(|index| {
        let mut entry: *mut std::ffi::c_void = ptr::null_mut();
        // SAFETY: the index is below the count of the list's entries.
        if unsafe { GetAce(list, index, &raw mut entry) } == 0 {
            return false;
        }
        let entry: *const ACCESS_ALLOWED_ACE = entry.cast();
        // SAFETY: every entry begins with a header, which has its kind; one of this kind has a mask, and an identity from
        // `SidStart` on, as long as it itself says.
        unsafe {
            let header = (*entry).Header;
            u32::from(header.AceType) == ACCESS_ALLOWED_ACE_TYPE
                && (*entry).Mask & mask == mask
                && EqualSid((&raw const (*entry).SidStart).cast_mut().cast(), identity) != 0
        }
    })
}

/// What the system gave us to be freed by `LocalFree`.
struct Local(*mut std::ffi::c_void);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: it is ours, and nobody has it any more.
        unsafe { LocalFree(self.0) };
    }
}

fn failed(answer: u32) -> io::Result<()> {
    if answer == ERROR_SUCCESS {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(answer.cast_signed()))
    }
}
