//! Where a brand's app keeps its files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use crate::Brand;

/// The environment variable that moves everything the app keeps under one folder: for tests, and for an app
/// carried on a stick. An absolute path.
pub const HOME_VARIABLE: &str = "COWORK_HOME";

/// Why no place could be found.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlacesError {
    /// [`HOME_VARIABLE`] is not an absolute path, so it would mean another folder with each start.
    #[error("{HOME_VARIABLE} is {0:?}, which is not an absolute path; set it to one, or unset it")]
    NotAbsolute(PathBuf),
    /// The system names no home folder.
    #[error(
        "the system names no home folder for this user; set HOME, or {HOME_VARIABLE} to an absolute path"
    )]
    NoHome,
}

/// The folders and files of one installation. Nothing here is created yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// What must not be lost: the database, sandbox folders, the engine's private home.
    pub data: PathBuf,
    /// What a person writes by hand.
    pub config: PathBuf,
    /// What can be fetched or made again.
    pub cache: PathBuf,
    /// Log files.
    pub logs: PathBuf,
    /// The home folder the engine is given instead of the person's.
    pub private_home: PathBuf,
    /// Holds one folder for each session that works in none of the person's.
    pub sandbox_folder_root: PathBuf,
    /// The database file.
    pub database: PathBuf,
}

impl Places {
    /// Finds the places of a brand: under [`HOME_VARIABLE`] where `environment` has it, else where the system
    /// keeps such things.
    ///
    /// # Errors
    /// [`PlacesError`] when the variable is no absolute path, or there is none and the system knows no home.
    pub fn resolve(
        brand: &Brand,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, PlacesError> {
        match environment(HOME_VARIABLE).filter(|value| !value.is_empty()) {
            Some(root) => Self::under(Path::new(&root)),
            None => Self::of_system(brand),
        }
    }

    /// All places under one folder.
    ///
    /// # Errors
    /// [`PlacesError::NotAbsolute`] when `root` is not absolute.
    pub fn under(root: &Path) -> Result<Self, PlacesError> {
        if !root.is_absolute() {
            return Err(PlacesError::NotAbsolute(root.to_owned()));
        }
        Ok(Self::from_folders(
            root.join("data"),
            root.join("config"),
            root.join("cache"),
            root.join("logs"),
        ))
    }

    fn of_system(brand: &Brand) -> Result<Self, PlacesError> {
        let folders = ProjectDirs::from("", "", &brand.data_dir_name).ok_or(PlacesError::NoHome)?;
        // The local folder and not the roaming one: a database must not be copied by Windows while it is open.
        let data = folders.data_local_dir().to_owned();
        let logs = folders.state_dir().unwrap_or(&data).join("logs");
        Ok(Self::from_folders(
            data,
            folders.config_dir().to_owned(),
            folders.cache_dir().to_owned(),
            logs,
        ))
    }

    fn from_folders(data: PathBuf, config: PathBuf, cache: PathBuf, logs: PathBuf) -> Self {
        Self {
            private_home: data.join("engine-home"),
            sandbox_folder_root: data.join("sandboxes"),
            database: data.join("cowork.db"),
            data,
            config,
            cache,
            logs,
        }
    }
}

/// The person's home directory, as the system names it.
#[must_use]
pub fn home_directory() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|directories| directories.home_dir().to_owned())
}
