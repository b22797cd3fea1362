//! Hands the brand's names to the shell's build, so that the configuration of the shell holds none.

use std::error::Error;

const BRAND: &str = "open-cowork.config.json";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={BRAND}");
    println!("cargo::rerun-if-changed=capabilities");
    println!("cargo::rerun-if-changed=src-tauri/permissions");
    let brand: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(BRAND)?)?;
    let configuration = serde_json::json!({
        "productName": brand["branding"]["name"],
        "identifier": brand["branding"]["appId"],
    })
    .to_string();
    // The context macro reads it while the crate compiles, and the build step below reads it now.
    println!("cargo::rustc-env=TAURI_CONFIG={configuration}");
    // SAFETY: a build script at its start has one thread.
    unsafe { std::env::set_var("TAURI_CONFIG", configuration) };
    // With a manifest of our own, a command is denied to every window that no capability grants it to.
    let manifest = tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*");
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))?;
    Ok(())
}
