//! Takes the built page into the program, where there is one: every file below `ui/dist-cloud`, by its path.
//!
//! Without it the program compiles all the same and says that it has no page.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const PAGE: &str = "../../ui/dist-cloud";

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let page = manifest.join(PAGE);
    // While it is not there this runs with every build, so that the first page that is built is not missed.
    println!("cargo::rerun-if-changed={PAGE}");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=COWORK_CLOUD_WITHOUT_PAGE");
    let mut files = Vec::new();
    if page.is_dir() && std::env::var_os("COWORK_CLOUD_WITHOUT_PAGE").is_none() {
        list(&page, "", &mut files)?;
    }
    files.sort();
    let mut code = String::from("&[\n");
    for (name, path) in files {
        let path = path.to_str().ok_or("the folder's name is no Unicode text")?;
        writeln!(code, "    ({name:?}, include_bytes!({path:?}).as_slice()),")?;
    }
    code.push(']');
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("page.rs");
    std::fs::write(out, code)?;
    Ok(())
}

fn list(folder: &Path, below: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), Box<dyn Error>> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            list(&entry.path(), &format!("{below}{name}/"), files)?;
        } else if kind.is_file() {
            files.push((format!("{below}{name}"), entry.path().canonicalize()?));
        }
    }
    Ok(())
}
