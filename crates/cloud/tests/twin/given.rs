//! What becomes of what was given, where nobody is there and where it is taken back.

use serde_json::json;

use crate::common::Site;
use crate::common::who::Desktop;
use crate::page::Page;
use crate::with_desktop;

#[tokio::test(flavor = "multi_thread")]
async fn what_no_desktop_had_yet_is_taken_back_by_whoever_gave_it() {
    let site = Site::start().await;
    let (ada, desktop) = with_desktop(&site).await;
    let eve = ada.invited(&site, "eve@example.org", "admin").await;
    let shared = json!({ "visibility": "organization" });
    let about = ada.below(&format!("desktops/{}", desktop.pairing));
    ada.patch(&about, &shared).await.is(204);
    let mut page = Page::open(&site, &ada, &desktop).await;
    page.command("start", &json!({})).await.is(200);
    let mut ids = Vec::new();
    for text in ["first", "second"] {
        let prompt = json!({ "session": "ses_1", "text": text, "agent": null, "model": null });
        let asked = page.ask("prompt_send", &prompt).header("idempotency-key", text);
        asked.send().await.is(200);
        ids.push(page.event("command").await["id"].as_str().unwrap().to_owned());
    }
    let path = |id: &str| format!("/api/desktops/{}/given/{id}", desktop.pairing);
    // Not by anybody else, nor by a page that is not this server's, nor by a program that may only look.
    eve.delete(&path(&ids[0])).await.is(404);
    let forged = ada.ask("DELETE", &path(&ids[0])).without("x-csrf-token");
    forged.send().await.is(403);
    let token = ada.token(&["read"]).await;
    let looks = site.ask("DELETE", &path(&ids[0]));
    looks
        .header("authorization", &format!("Bearer {token}"))
        .send()
        .await
        .is(403);
    ada.delete(&path("cmd_none")).await.is(404);

    ada.delete(&path(&ids[0])).await.is(204);
    let gone = page.event("command").await;
    assert_eq!(
        (&gone["id"], &gone["state"]),
        (&json!(ids[0]), &json!("cancelled"))
    );
    assert_eq!(ada.delete(&path(&ids[0])).await.is(409).said("/code"), "conflict");
    let claimed = desktop
        .post("/commands/claim", &desktop.claim(0))
        .await
        .is(200)
        .json();
    let texts: Vec<_> = claimed["commands"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| &each["payload"]["text"])
        .collect();
    assert_eq!(texts, ["second"]);
    // Once the desktop has it, it is too late.
    assert_eq!(ada.delete(&path(&ids[1])).await.is(409).said("/code"), "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_commands_while_no_page_was_there_is_told_to_the_one_that_comes() {
    let site = Site::start().await;
    let (ada, desktop) = with_desktop(&site).await;
    let page = Page::open(&site, &ada, &desktop).await;
    page.command("start", &json!({})).await.is(200);
    for text in ["done", "failed", "asks"] {
        let prompt = json!({ "session": "ses_1", "text": text, "agent": null, "model": null });
        let asked = page.ask("prompt_send", &prompt).header("idempotency-key", text);
        asked.send().await.is(200);
    }
    drop(page);
    let claimed = desktop
        .post("/commands/claim", &desktop.claim(0))
        .await
        .is(200)
        .json();
    for command in claimed["commands"].as_array().unwrap() {
        let mut result = Desktop::done();
        let how = match command["payload"]["text"].as_str().unwrap() {
            "failed" => {
                result["ok"] = json!(false);
                result["status"] = json!("failed");
                "fail"
            }
            "asks" => {
                result["status"] = json!("requires_local_confirmation");
                "ack"
            }
            _ => "ack",
        };
        let answer = json!({ "result": result, "leaseToken": command["lease"]["leaseToken"] });
        let path = format!("/commands/{}/{how}", command["id"].as_str().unwrap());
        desktop.post(&path, &answer).await.is(204);
    }
    let mut page = Page::open(&site, &ada, &desktop).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        let command = page.event("command").await;
        told.push((
            command["state"].clone(),
            command["text"].clone(),
            command["news"].clone(),
        ));
    }
    let told_as = |state: &str, text: Option<&str>, news: bool| (json!(state), json!(text), json!(news));
    assert_eq!(
        told,
        [
            told_as("done", None, false),
            told_as("failed", Some("failed"), true),
            told_as("confirmation", Some("asks"), true),
        ]
    );
}
