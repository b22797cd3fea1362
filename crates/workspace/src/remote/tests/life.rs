//! How pairings are made, changed, paused and ended, and what a build allows.

use super::*;

#[tokio::test]
async fn a_build_that_allows_no_pairing_connects_none_whatever_is_pressed() {
    let desk = Desk::new(|options| options.brand.pairing.allowed = false).await;
    desk.paired(Some(SESSION));
    crate::remote::connect(&desk.workspace.inner, PAIRING).await;
    desk.workspace.pause_pairing(PAIRING, true).await.unwrap();
    desk.workspace.pause_pairing(PAIRING, false).await.unwrap();
    let row = desk.workspace.sync_pairing(PAIRING).await.unwrap();
    assert_eq!(
        (row.state, row.trouble),
        (PairingState::NeedsYou, Some(view::PairingTrouble::Forbidden))
    );
    assert!(desk.workspace.inner.remote.links().is_empty());
}

#[tokio::test]
async fn what_was_agreed_to_before_the_build_forbade_it_counts_no_more() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let open = PairingPolicy {
        approvals: RemoteAnswers::RemoteAllowed,
        ..PairingPolicy::default()
    };
    desk.workspace
        .update_pairing(PAIRING, "Desk", open, &[], false, Consent::Given)
        .await
        .unwrap();
    let inner = &desk.workspace.inner;
    let mut brand = inner.options.brand.clone();
    brand.pairing.remote_answers = false;
    inner.state().remote.pairings.clear();
    crate::remote::begin(&inner.store, &brand, &mut inner.state()).unwrap();
    let policy = inner.state().remote.find(PAIRING).unwrap().policy;
    assert_eq!(policy, PairingPolicy::default());
    // It does not come back when the build allows it again.
    brand.pairing.remote_answers = true;
    inner.state().remote.pairings.clear();
    crate::remote::begin(&inner.store, &brand, &mut inner.state()).unwrap();
    let policy = inner.state().remote.find(PAIRING).unwrap().policy;
    assert_eq!(policy, PairingPolicy::default());
}

#[tokio::test]
async fn a_first_answer_and_an_end_from_afar_are_not_undone_by_what_a_person_changes_meanwhile() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk.pairing_made().await;
    let (inner, id) = (&desk.workspace.inner, shown.pairing.id.as_str());
    let waits = |pairing: &Pairing| pairing.state == Kept::Waiting;
    let update = desk.workspace.update_pairing(
        id,
        "Desk two",
        PairingPolicy::default(),
        &[],
        false,
        Consent::Missing,
    );
    // Whatever the order, both are kept.
    let (updated, answered) = tokio::join!(update, inner.keep_state(id, waits, Kept::Paired, None));
    assert!(updated.is_ok() && answered);
    let kept = inner.store.pairing(id).unwrap().unwrap();
    assert_eq!(
        (kept.state, kept.expires, kept.label.as_str()),
        (Kept::Paired, None, "Desk two")
    );
    let in_memory = inner.state().remote.find(id).unwrap().pairing.clone();
    assert_eq!(in_memory, kept);
    let changed = inner.change_pairing(id, |row| {
        assert_eq!(row.state, Kept::Paired, "as it is at this moment");
        Err(WorkspaceError::NotFound("The pairing"))
    });
    assert!(changed.await.is_err());
    assert_eq!(inner.store.pairing(id).unwrap().unwrap(), kept);
}

#[tokio::test]
async fn a_pairing_that_was_paused_while_the_keychain_took_its_time_is_not_connected() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk.pairing_made().await;
    let (inner, id) = (desk.workspace.inner.clone(), shown.pairing.id.clone());
    // The two go on at the same time, from before the token was read.
    let connecting = crate::remote::connect(&inner, &id);
    let pausing = desk.workspace.pause_pairing(&id, true);
    let (paused, ()) = tokio::join!(pausing, connecting);
    assert_eq!(paused.unwrap().state, PairingState::Paused);
    assert!(inner.remote.links().is_empty());
}

#[tokio::test]
async fn an_end_is_owed_while_the_keychain_is_locked() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk.pairing_made().await;
    desk.ring.locked.store(true, Ordering::SeqCst);
    desk.workspace.inner.vault.ask_again();
    desk.workspace.revoke_pairing(&shown.pairing.id).await.unwrap();
    until("it was tried", || {
        let state = desk.workspace.inner.state();
        state
            .remote
            .find(&shown.pairing.id)
            .is_none_or(|known| known.standing.trouble.is_some())
    })
    .await;
    let row = desk
        .workspace
        .pairing_book()
        .await
        .unwrap()
        .pairings
        .rows
        .remove(0);
    assert_eq!(row.state, PairingState::Revoking);
}

#[tokio::test]
async fn a_paused_pairing_does_nothing() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    desk.workspace.pause_pairing(PAIRING, true).await.unwrap();
    let result = desk.hands().carry_out(&prompt()).await;
    assert!(
        !result.ok && desk.engine.prompts.lock().unwrap().is_empty(),
        "{result:?}"
    );
    assert!(!desk.workspace.inner.state().remote.is_any_active());
}

#[tokio::test]
async fn a_token_is_shown_once_and_kept_in_the_keychain_alone() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk.pairing_made().await;
    assert!(shown.url.contains("#pair=") && !shown.code.is_empty());
    assert!(shown.token.starts_with("ocp_") && shown.expires > now());
    let row = &shown.pairing;
    assert_eq!(
        (row.state, row.threads[0].session.as_str()),
        (PairingState::Waiting, SESSION)
    );
    assert!(!format!("{shown:?}").contains(&shown.token));
    let book = desk.workspace.pairing_book().await.unwrap();
    assert!(!serde_json::to_string(&book).unwrap().contains(&shown.token));
    let database = &desk.workspace.inner.options.places.database;
    for suffix in ["", "-wal"] {
        let bytes = std::fs::read(PathBuf::from(format!("{}{suffix}", database.display()))).unwrap();
        let has = bytes
            .windows(shown.token.len())
            .any(|window| window == shown.token.as_bytes());
        assert!(!has, "the token is in the database{suffix}");
    }
    assert_eq!(desk.ring.items().len(), 1);
    let again = desk.workspace.renew_pairing(&shown.pairing.id).await.unwrap();
    assert!(again.token != shown.token && desk.ring.items().len() == 1);
}

#[tokio::test]
async fn a_token_that_is_not_entered_in_time_is_void() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk.pairing_made().await;
    let id = shown.pairing.id.as_str();
    if let Some(known) = desk.workspace.inner.state().remote.find_mut(id) {
        known.pairing.expires = Some(now() - 1);
    }
    crate::remote::connect(&desk.workspace.inner, id).await;
    let book = desk.workspace.pairing_book().await.unwrap();
    assert_eq!(book.pairings.rows[0].state, PairingState::Expired);
    assert!(desk.ring.items().is_empty());
    assert!(desk.workspace.sync_pairing(id).await.is_err());
    desk.workspace.renew_pairing(id).await.unwrap();
    assert_eq!(desk.ring.items().len(), 1, "another can be made");
}

#[tokio::test]
async fn what_cannot_be_kept_or_may_not_be_used_makes_no_pairing() {
    let desk = Desk::new(|_| {}).await;
    for address in [
        "https://10.0.0.1",
        "http://example.com",
        "https://a:b@example.com",
        "x",
    ] {
        let wanted = WantedPairing {
            address: address.to_owned(),
            ..wanted()
        };
        let refused = desk.workspace.create_pairing(wanted, Consent::Missing).await;
        assert!(
            matches!(refused, Err(WorkspaceError::InvalidInput(_))),
            "{address}"
        );
    }
    for label in ["", " ", &"x".repeat(81), "two\nlines"] {
        let wanted = WantedPairing {
            label: label.to_owned(),
            ..wanted()
        };
        assert!(
            desk.workspace
                .create_pairing(wanted, Consent::Missing)
                .await
                .is_err()
        );
    }
    desk.ring.locked.store(true, Ordering::SeqCst);
    let refused = desk.workspace.create_pairing(wanted(), Consent::Missing).await;
    assert!(matches!(refused, Err(WorkspaceError::NotSaved(_))));
    assert!(desk.workspace.inner.store.pairings().unwrap().is_empty());
    assert!(desk.workspace.inner.state().remote.pairings.is_empty());
}

#[tokio::test]
async fn answers_count_by_themselves_after_consent_to_what_is_said_and_never_beyond_the_build_s_ceiling() {
    let policy = PairingPolicy {
        approvals: RemoteAnswers::RemoteAllowed,
        ..PairingPolicy::default()
    };
    let desk = Desk::new(|_| {}).await;
    let open = WantedPairing { policy, ..wanted() };
    let Err(WorkspaceError::ConsentNeeded(said)) = desk
        .workspace
        .create_pairing(open.clone(), Consent::Missing)
        .await
    else {
        panic!("nobody was asked");
    };
    assert!(
        said.contains("127.0.0.1:9") && said.contains("without your word"),
        "{said}"
    );
    let shown = desk
        .workspace
        .create_pairing(open.clone(), Consent::To(said))
        .await
        .unwrap();
    let audit = desk
        .workspace
        .pairing_audit(Some(&shown.pairing.id), None)
        .await
        .unwrap();
    assert!(
        audit
            .rows
            .iter()
            .any(|row| row.action == "pairing.remote_allowed_enabled")
    );

    let capped = Desk::new(|options| options.brand.pairing.remote_answers = false).await;
    let refused = capped
        .workspace
        .create_pairing(open.clone(), Consent::Given)
        .await;
    assert!(matches!(refused, Err(WorkspaceError::NotAllowed(_))));
    let closed = Desk::new(|options| options.brand.pairing.allowed = false).await;
    let refused = closed.workspace.create_pairing(wanted(), Consent::Given).await;
    assert!(matches!(refused, Err(WorkspaceError::NotAllowed(_))));
    assert!(closed.workspace.pairing_book().await.unwrap().pairings.forbidden);
}

#[tokio::test]
async fn an_end_that_nobody_hears_is_owed_and_nothing_leaves_meanwhile() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk.pairing_made().await;
    let id = shown.pairing.id.as_str();
    desk.workspace.revoke_pairing(id).await.unwrap();
    let book = desk.workspace.pairing_book().await.unwrap();
    let row = &book.pairings.rows[0];
    assert_eq!(row.state, PairingState::Revoking);
    assert!(row.threads.is_empty() && row.folders.is_empty());
    assert!(desk.workspace.share_thread(id, SESSION, true).await.is_err());
    assert!(desk.workspace.renew_pairing(id).await.is_err());
    desk.says(vec![told::part("msg_0", "prt_1", told::text("After the end."))]);
    let inner = &desk.workspace.inner;
    assert!(inner.state().remote.news.sessions.is_empty(), "nobody is told");
    assert_eq!(inner.store.waiting_events(id).unwrap().rows, 0);
    assert_eq!(
        desk.ring.items().len(),
        1,
        "the token is what the end is told with"
    );
    let state = desk.workspace.inner.store.pairing(id).unwrap().unwrap().state;
    assert_eq!(state, Kept::Revoking, "the next start goes on with it");
}

#[tokio::test]
async fn pairings_that_end_with_all_keys_are_in_the_audit() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk.pairing_made().await;
    desk.workspace.forget_all_keys().await.unwrap();
    assert!(desk.ring.items().is_empty());
    assert!(desk.workspace.inner.state().remote.pairings.is_empty());
    let audit = desk.workspace.pairing_audit(None, None).await.unwrap();
    let last = &audit.rows[0];
    assert_eq!(
        (last.action.as_str(), &last.pairing, last.label.as_str()),
        ("pairing.revoked", &shown.pairing.id, "Desk"),
        "{audit:?}"
    );
}

#[tokio::test]
async fn a_server_that_comes_and_goes_does_not_wash_out_the_audit() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let inner = &desk.workspace.inner;
    for _ in 0..50 {
        inner.presence_changed(PAIRING, false, "nothing answers").await;
        inner.presence_changed(PAIRING, true, NOWHERE).await;
    }
    let audit = async || desk.workspace.pairing_audit(None, None).await.unwrap().rows;
    assert_eq!(audit().await.len(), 2);
    // Nothing of it is lost with the end of the pairing.
    desk.workspace.revoke_pairing(PAIRING).await.unwrap();
    let rows = audit().await;
    let actions: Vec<_> = rows.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "pairing.revoked",
            "pairing.connected",
            "pairing.connected",
            "pairing.offline"
        ]
    );
    assert!(rows[1].detail.contains("lost 49 times"), "{rows:?}");
}

#[tokio::test]
async fn with_everything_else_pairings_go_and_their_tokens() {
    let desk = Desk::new(|_| {}).await;
    desk.pairing_made().await;
    desk.workspace
        .remove_everything(false, Consent::Given)
        .await
        .unwrap();
    assert!(desk.ring.items().is_empty());
    assert!(desk.workspace.inner.store.pairings().unwrap().is_empty());
    assert!(desk.workspace.inner.state().remote.pairings.is_empty());
}

#[tokio::test]
async fn health_and_storage_know_of_pairings() {
    let desk = Desk::new(|_| {}).await;
    let part = async || {
        let rows = desk.workspace.health_rows().await.unwrap();
        rows.into_iter()
            .find(|row| matches!(row.part, view::HealthPart::Pairing { .. }))
            .unwrap()
    };
    assert_eq!(part().await.mark, view::HealthMark::Off);
    desk.paired(Some(SESSION));
    desk.workspace
        .inner
        .stand(PAIRING, PairingState::NeedsYou, None, "It is over.");
    assert_eq!(part().await.mark, view::HealthMark::NeedsYou);
    desk.workspace
        .inner
        .stand(PAIRING, PairingState::Online, None, "");
    assert_eq!(part().await.mark, view::HealthMark::Working);
    assert!(desk.workspace.storage_report().await.unwrap().pairing > 0);
}
