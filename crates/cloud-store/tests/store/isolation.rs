//! Nothing crosses organizations: with the ids of one, the other gets and changes nothing, table by table.

use cowork_cloud_store::{
    Answered, CommandOutcome, Cursor, EventSelection, NewApiToken, NewInvitation, NewSignIn, OrganizationId,
    PairingChange, Role, Scope, SecretHash, SessionId, Store, StoreError, Visibility,
};
use serde_json::json;

use crate::place::{Desktop, NOW, actor, event, on_both, one_desktop, prompt, told};

fn nothing<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    match result {
        Err(StoreError::NotFound(_)) => {}
        other => panic!("{other:?}"),
    }
}

/// A desktop in an organization, and another organization with its own.
async fn two(store: &Store) -> (Desktop, Desktop) {
    (one_desktop(store, "ada").await, one_desktop(store, "eve").await)
}

on_both! {
    async fn members(place) {
        let store = place.store().await;
        let (ada, eve) = two(&store).await;
        let (theirs, mine) = (&ada.organization, &eve.organization);
        assert_eq!(store.members(mine).await.unwrap().len(), 1);
        assert_eq!(store.membership(theirs, &eve.owner).await.unwrap(), None);
        nothing(store.set_role(mine, &ada.owner, Role::Owner, Role::Viewer, &actor(), NOW).await);
        nothing(store.remove_member(mine, &ada.owner, Role::Owner, &actor(), NOW).await);
        nothing(store.rename_organization(&OrganizationId::random(), "x", &actor(), NOW).await);
        assert_eq!(store.membership(theirs, &ada.owner).await.unwrap().unwrap().role, Role::Owner);
    }

    async fn invitations(place) {
        let store = place.store().await;
        let (ada, eve) = two(&store).await;
        let invitation = NewInvitation {
            email: "new@example.org".to_owned(),
            role: Role::Member,
            secret: SecretHash::of("secret"),
            expires: NOW + 1_000,
        };
        let id = store.invite(&ada.organization, &invitation, &actor(), NOW).await.unwrap();
        assert_eq!(store.invitations(&eve.organization, NOW).await.unwrap(), []);
        nothing(store.withdraw_invitation(&eve.organization, &id, &actor(), NOW).await);
        assert_eq!(store.invitations(&ada.organization, NOW).await.unwrap().len(), 1);
    }

    async fn sign_ins(place) {
        let store = place.store().await;
        let (ada, eve) = two(&store).await;
        let new = NewSignIn {
            user: ada.owner.clone(),
            password_hash: store.user(&ada.owner).await.unwrap().unwrap().password_hash,
            secret: SecretHash::of("cookie"),
            csrf: "csrf".to_owned(),
            agent: String::new(),
            expires: NOW + 1_000,
        };
        let sign_in = store.sign_in(&new, &actor(), NOW).await.unwrap();
        nothing(store.sign_out(&eve.owner, &sign_in.id, &actor(), NOW).await);
        assert_eq!(store.sign_out_everywhere(&eve.owner, None, &actor(), NOW).await.unwrap(), 0);
        assert_eq!(store.sign_ins(&eve.owner, 1_000, NOW).await.unwrap(), []);
        assert_eq!(store.sign_ins(&ada.owner, 1_000, NOW).await.unwrap().len(), 1);
    }

    async fn tokens(place) {
        let store = place.store().await;
        let (ada, eve) = two(&store).await;
        let new = NewApiToken {
            user: ada.owner.clone(),
            label: "script".to_owned(),
            secret: SecretHash::of("oct"),
            scopes: vec![Scope::Read],
            expires: NOW + 1_000,
        };
        let token = store.create_api_token(&ada.organization, &new, &actor(), NOW).await.unwrap();
        nothing(store.create_api_token(&eve.organization, &new, &actor(), NOW).await);
        nothing(store.revoke_api_token(&eve.organization, &token.id, None, &actor(), NOW).await);
        assert_eq!(store.api_tokens(&eve.organization, None, NOW).await.unwrap(), []);
        assert!(store.api_token_by_secret(&new.secret, NOW).await.unwrap().is_some());
    }

    async fn pairings(place) {
        let store = place.store().await;
        let (ada, eve) = two(&store).await;
        let mine = &eve.organization;
        assert_eq!(store.pairings(mine).await.unwrap().len(), 1);
        assert_eq!(store.pairing(mine, &ada.pairing).await.unwrap(), None);
        assert_eq!(store.pairings_seen_by(&eve.owner).await.unwrap().len(), 1);
        assert_eq!(store.pairing_seen_by(&eve.owner, &ada.pairing).await.unwrap(), None);
        let change = PairingChange { label: None, visibility: Some(Visibility::Organization) };
        nothing(store.change_pairing(mine, &ada.pairing, &change, &actor(), NOW).await);
        let token = SecretHash::of("ocp_eve");
        nothing(store.rotate_pairing_token(mine, &ada.pairing, &token, &actor(), NOW).await);
        nothing(store.revoke_pairing(mine, &ada.pairing, &actor(), NOW).await);
        let hash = SecretHash::of(&eve.token);
        assert!(store.prove(&ada.pairing, &ada.device, &hash).await.unwrap().is_none());
        assert!(store.prove(&ada.pairing, &eve.device, &hash).await.unwrap().is_none());
        let pairing = store.pairing(&ada.organization, &ada.pairing).await.unwrap().unwrap();
        assert_eq!((pairing.revoked, pairing.visibility), (None, Visibility::Owner));
    }

    async fn commands(place) {
        let store = place.store().await;
        let (ada, eve) = two(&store).await;
        let mine = &eve.organization;
        let id = ada.give(&store, "key", NOW).await;
        nothing(store.enqueue(mine, &ada.pairing, &prompt(&eve.owner, "key", NOW), NOW).await);
        nothing(store.cancel_command(mine, &ada.pairing, &id, &ada.owner, NOW).await);
        nothing(store.cancel_command(mine, &eve.pairing, &id, &ada.owner, NOW).await);
        let ids = std::slice::from_ref(&id);
        assert_eq!(store.commands_by_id(mine, &ada.pairing, ids).await.unwrap(), []);
        assert_eq!(store.commands_by_id(mine, &eve.pairing, ids).await.unwrap(), []);
        assert_eq!(store.newest_marks(mine, &ada.pairing, 10).await.unwrap(), []);
        assert!(eve.claim(&store, 0, &[], NOW).await.commands.is_empty());
        let given = ada.claim(&store, 0, &[], NOW).await.commands.remove(0);
        let answer = store
            .answer_command(&eve.proven, &id, Some(&given.lease), CommandOutcome::Done, &json!({}), NOW)
            .await
            .unwrap();
        assert_eq!(answer, Answered::NotFound);
        // The same key is another command for another desktop.
        assert_ne!(eve.give(&store, "key", NOW).await, id);
    }

    async fn events(place) {
        let store = place.store().await;
        let (ada, eve) = two(&store).await;
        ada.tell(&store, vec![event("same id", Some(1)), event("hers", Some(2))]).await;
        // The same ids and sequences of another pairing are other events.
        assert_eq!(eve.tell(&store, vec![event("same id", Some(1))]).await.fresh, 1);
        let selection = EventSelection { session: None, after: Cursor::START, limit: 10 };
        nothing(store.events(&eve.organization, &ada.pairing, selection).await);
        nothing(store.end_of_events(&eve.organization, &ada.pairing).await);
        let session = SessionId::parse("ses_1").unwrap();
        let selection = EventSelection { session: Some(&session), ..selection };
        let page = store.events(&eve.organization, &eve.pairing, selection).await.unwrap();
        assert_eq!(page.events.len(), 1);
    }

    async fn sessions(place) {
        let store = place.store().await;
        let (ada, eve) = two(&store).await;
        let row = |title: &str| json!({ "kind": "thread", "thread": { "title": title } });
        ada.tell(&store, vec![told("ses_1", 1, &row("hers"))]).await;
        eve.tell(&store, vec![told("ses_1", 1, &row("mine"))]).await;
        assert_eq!(store.threads(&eve.organization, &ada.pairing).await.unwrap(), []);
        let threads = store.threads(&eve.organization, &eve.pairing).await.unwrap();
        assert_eq!(threads.len(), 1);
        assert_eq!(threads[0].thread["title"], "mine");
    }

    async fn audit(place) {
        let store = place.store().await;
        let (ada, eve) = two(&store).await;
        store.write_audit(&ada.organization, &actor(), "person.signed_in", "", &json!({}), NOW).await.unwrap();
        let rows = store.audit(&eve.organization, None, 100).await.unwrap().rows;
        let actions: Vec<_> = rows.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(actions, ["pairing.created", "organization.created"]);
        nothing(store.write_audit(&OrganizationId::random(), &actor(), "x", "", &json!({}), NOW).await);
    }
}
