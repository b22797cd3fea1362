//! Which folders may be opened to an agent at all.

use std::path::Path;

/// One system's own folders, by the way they are spelled there. None is the person's work, and each holds what every
/// program of the computer relies on, or everybody's folders at once.
struct System {
    /// Nothing in them may be opened either.
    whole: &'static [&'static str],
    /// They may not be opened themselves; folders in them may.
    itself: &'static [&'static str],
    /// What may be opened after all although it is in one of those; `*` is any one folder.
    but: &'static [&'static str],
    /// Names there are the same in capitals.
    ignores_case: bool,
}

const LINUX: System = System {
    whole: &[
        "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libexec", "libx32", "proc", "run", "sbin",
        "sys", "usr", "var",
    ],
    itself: &["home", "media", "mnt", "srv", "tmp"],
    // Where Fedora's immutable systems keep homes, and where disks are mounted.
    but: &["run/media/*/*", "var/home/*", "var/tmp/*", "var/www"],
    ignores_case: false,
};

const MACOS: System = System {
    whole: &[
        "System",
        "bin",
        "dev",
        "etc",
        "private/etc",
        "private/var",
        "sbin",
        "usr",
        "var",
    ],
    itself: &[
        "Applications",
        "Library",
        "Users",
        "Volumes",
        "home",
        "private",
        "private/tmp",
        "tmp",
    ],
    // Where programs are given temporary folders of their own.
    but: &["private/var/folders/*/*/*/*", "private/var/tmp/*"],
    ignores_case: true,
};

/// Below a drive.
const WINDOWS: System = System {
    whole: &["Windows"],
    itself: &["Users"],
    but: &[],
    ignores_case: true,
};

/// Whether a folder may be opened to an agent and to the commands it runs. `path` has to be the folder's one true path,
/// with all links resolved: a link to the system's folders is not seen through here.
///
/// # Errors
/// When it belongs to the system, in a sentence for the person.
pub fn may_open(path: &Path) -> Result<(), String> {
    let text = path.to_string_lossy();
    if cfg!(windows) {
        judged_on_windows(&text)
    } else if cfg!(target_os = "macos") {
        judged(&text, &MACOS)
    } else {
        judged(&text, &LINUX)
    }
}

/// `text` is absolute, with slashes.
fn judged(text: &str, system: &System) -> Result<(), String> {
    let names: Vec<&str> = text
        .split('/')
        .filter(|name| !name.is_empty() && *name != ".")
        .collect();
    if !text.starts_with('/') || names.contains(&"..") {
        return Err(format!(
            "{text} cannot be opened: it is not the whole path of a folder. Choose a folder of your own."
        ));
    }
    judged_names(text, &names, system)
}

fn judged_names(text: &str, names: &[&str], system: &System) -> Result<(), String> {
    let within = |place: &&str| {
        let place: Vec<&str> = place.split('/').collect();
        let same = |(one, other): (&&str, &&str)| {
            *one == "*" || one == other || (system.ignores_case && one.eq_ignore_ascii_case(other))
        };
        place.len() <= names.len() && place.iter().zip(names).all(same)
    };
    if system.but.iter().any(within) {
        return Ok(());
    }
    let is_itself = |place: &&str| within(place) && names.len() == place.split('/').count();
    let inside = if names.is_empty() || system.itself.iter().any(is_itself) {
        "inside it"
    } else if system.whole.iter().any(within) {
        "of your own"
    } else {
        return Ok(());
    };
    Err(format!(
        "{text} cannot be opened: it belongs to the system. Choose a folder {inside}."
    ))
}

/// There a resolved path begins with `\\?\` and a drive, or is on another computer.
fn judged_on_windows(text: &str) -> Result<(), String> {
    let plain = text.strip_prefix(r"\\?\").unwrap_or(text);
    if plain.starts_with(r"UNC\") || plain.starts_with(r"\\") {
        return Ok(());
    }
    let names: Vec<&str> = plain.split(['\\', '/']).filter(|name| !name.is_empty()).collect();
    judged_names(plain, names.get(1..).unwrap_or_default(), &WINDOWS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<'a>(paths: &[&'a str], judge: impl Fn(&str) -> Result<(), String>) -> Vec<&'a str> {
        paths.iter().filter(|path| judge(path).is_ok()).copied().collect()
    }

    #[test]
    fn what_belongs_to_the_system_is_not_opened() {
        let refused = [
            "/",
            "//",
            "/proc",
            "/proc/self/root",
            "/sys/kernel",
            "/dev",
            "/dev/shm/x",
            "/run",
            "/run/user/1000",
            "/run/media",
            "/run/media/ada",
            "/etc",
            "/etc/nginx",
            "/usr",
            "/usr/local/src",
            "/usr/share",
            "/bin",
            "/sbin",
            "/lib",
            "/lib64",
            "/boot/efi",
            "/var",
            "/var/lib",
            "/var/lib/docker",
            "/var/log",
            "/var/tmp",
            "/var/home",
            "/tmp",
            "/tmp/",
            "/home",
            "/mnt",
            "/media",
            "/srv",
            "work",
            "/home/ada/..",
            "",
        ];
        assert_eq!(sorted(&refused, |path| judged(path, &LINUX)), Vec::<&str>::new());
    }

    #[test]
    fn what_a_person_works_in_is_opened() {
        let fine = [
            "/home/ada",
            "/home/ada/work",
            "/root",
            "/root/work",
            "/tmp/.tmpx/work",
            "/var/tmp/x",
            "/var/www",
            "/var/www/site",
            "/var/home/ada/work",
            "/run/media/ada/disk",
            "/run/media/ada/disk/work",
            "/mnt/data",
            "/media/ada/disk",
            "/srv/git",
            "/opt/work",
            "/work",
            "/library",
            "/users",
            "/home/ada/etc",
            "/etcetera",
        ];
        assert_eq!(sorted(&fine, |path| judged(path, &LINUX)), fine);
    }

    #[test]
    fn a_mac_has_system_folders_of_its_own() {
        let refused = [
            "/",
            "/System",
            "/System/Library",
            "/Library",
            "/library",
            "/Users",
            "/USERS",
            "/private",
            "/private/etc",
            "/private/tmp",
            "/private/var",
            "/private/var/db",
            "/private/var/folders/x",
            "/Volumes",
            "/usr/local",
        ];
        assert_eq!(sorted(&refused, |path| judged(path, &MACOS)), Vec::<&str>::new());
        let fine = [
            "/Users/ada",
            "/Users/Shared",
            "/Library/WebServer/Documents",
            "/private/tmp/x",
            "/private/var/folders/x1/y2/T/.tmpz",
            "/Volumes/disk",
            "/opt/work",
        ];
        assert_eq!(sorted(&fine, |path| judged(path, &MACOS)), fine);
    }

    #[test]
    fn a_drive_and_windows_itself_are_not_opened() {
        let refused = [
            r"C:\",
            "C:",
            r"\\?\C:\",
            r"\\?\D:",
            r"C:\Windows",
            r"\\?\c:\windows\System32",
            "C:/WINDOWS",
            r"C:\Users",
            "",
        ];
        assert_eq!(sorted(&refused, judged_on_windows), Vec::<&str>::new());
        let fine = [
            r"C:\Users\ada",
            r"\\?\C:\Users\ada\work",
            r"D:\work",
            r"C:\Windows2",
            r"\\?\UNC\server\share",
            r"\\server\share\work",
        ];
        assert_eq!(sorted(&fine, judged_on_windows), fine);
    }

    #[test]
    fn a_refusal_says_what_to_do_next() {
        assert_eq!(
            judged("/home", &LINUX).unwrap_err(),
            "/home cannot be opened: it belongs to the system. Choose a folder inside it."
        );
        assert_eq!(
            judged("/etc/nginx", &LINUX).unwrap_err(),
            "/etc/nginx cannot be opened: it belongs to the system. Choose a folder of your own."
        );
    }
}
