//! Desktops that are paired.

use cowork_cloud_store::rules::quotas::Quota;
use cowork_cloud_store::{
    DeviceId, Limits, NewInvitation, PairingChange, PairingId, Role, SecretHash, StoreError, Visibility,
};
use cowork_pairing_protocol::extension::Extension;
use cowork_pairing_protocol::wire::{PairingStatus, Policy, RemoteAuthority};

use crate::place::{
    Desktop, NOW, actor, desktop, enrol, new_user, on_both, one_desktop, organization, request,
};

async fn prove(
    store: &cowork_cloud_store::Store,
    desk: &Desktop,
    token: &str,
) -> Option<cowork_cloud_store::Proven> {
    store
        .prove(&desk.pairing, &desk.device, &SecretHash::of(token))
        .await
        .unwrap()
}

on_both! {
    async fn only_the_right_token_of_the_right_device_proves(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let proven = prove(&store, &desk, &desk.token).await.unwrap();
        assert_eq!((proven.organization(), proven.owner()), (&desk.organization, &desk.owner));
        assert!(!proven.is_revoked());
        assert!(prove(&store, &desk, "ocp_wrong").await.is_none());
        assert!(prove(&store, &desk, "").await.is_none());
        let token = SecretHash::of(&desk.token);
        let device = DeviceId::parse("another").unwrap();
        assert!(store.prove(&desk.pairing, &device, &token).await.unwrap().is_none());
        assert!(store.prove(&PairingId::random(), &desk.device, &token).await.unwrap().is_none());
        // Nothing proves itself by what stands where there is nothing.
        assert!(store.prove(&PairingId::random(), &desk.device, &SecretHash::of("")).await.unwrap().is_none());
    }

    async fn a_token_that_was_rotated_works_no_more_at_once(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let new = SecretHash::of("ocp_new");
        store.rotate_pairing_token(&desk.organization, &desk.pairing, &new, &actor(), NOW).await.unwrap();
        assert!(prove(&store, &desk, &desk.token).await.is_none());
        // Who proved itself before is looked at again.
        assert!(matches!(store.claim(&desk.proven, &request(0, &[]), NOW).await, Err(StoreError::Revoked)));
        let beat = store.heartbeat(&desk.proven, PairingStatus::PairedOnline, 0, &[], NOW).await;
        assert!(matches!(beat, Err(StoreError::Revoked)));
        assert!(matches!(store.revoke_by_desktop(&desk.proven, NOW).await, Err(StoreError::Revoked)));
        let proven = prove(&store, &desk, "ocp_new").await.unwrap();
        store.claim(&proven, &request(0, &[]), NOW).await.unwrap();
    }

    async fn a_pairing_ends_from_either_side_and_stays_so(place) {
        let store = place.store().await;
        let first = one_desktop(&store, "ada").await;
        let second = desktop(&store, &first.organization, &first.owner).await;
        store.revoke_by_desktop(&first.proven, NOW).await.unwrap();
        store.revoke_pairing(&second.organization, &second.pairing, &actor(), NOW).await.unwrap();
        for desk in [&first, &second] {
            let proven = prove(&store, desk, &desk.token).await.unwrap();
            assert!(proven.is_revoked());
            let pairing = store.pairing(&desk.organization, &desk.pairing).await.unwrap().unwrap();
            assert_eq!((pairing.revoked, pairing.status), (Some(NOW), Some(PairingStatus::Revoked)));
            // Once more is no error and changes nothing.
            store.revoke_by_desktop(&proven, NOW + 1).await.unwrap();
            store.revoke_pairing(&desk.organization, &desk.pairing, &actor(), NOW + 1).await.unwrap();
            let again = store.pairing(&desk.organization, &desk.pairing).await.unwrap().unwrap();
            assert_eq!(again.revoked, Some(NOW));
            let change = PairingChange { label: Some("other".to_owned()), visibility: None };
            let error = store.change_pairing(&desk.organization, &desk.pairing, &change, &actor(), NOW).await;
            assert!(matches!(error, Err(StoreError::NotFound(_))));
        }
        assert_eq!(store.pairings(&first.organization).await.unwrap(), []);
        let rows = store.audit(&first.organization, None, 100).await.unwrap().rows;
        assert_eq!(rows.iter().filter(|row| row.action == "pairing.revoked").count(), 2);
    }

    async fn what_a_desktop_says_of_itself_is_known(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let pairing = store.pairing(&desk.organization, &desk.pairing).await.unwrap().unwrap();
        assert_eq!((pairing.status, pairing.policy, pairing.last_seen), (None, None, None));
        let mut wish = request(0, &[Extension::Wait, Extension::Unknown]);
        wish.policy = Policy { remote_approvals: RemoteAuthority::RemoteAllowed, ..Policy::default() };
        store.claim(&desk.proven, &wish, NOW + 1).await.unwrap();
        let through = store
            .heartbeat(&desk.proven, PairingStatus::PairedOnline, 7, &[Extension::Resume], NOW + 2)
            .await
            .unwrap();
        assert_eq!(through, 0);
        store.heartbeat(&desk.proven, PairingStatus::PairedOnline, 5, &[Extension::Resume], NOW + 3).await.unwrap();
        let pairing = store.pairing(&desk.organization, &desk.pairing).await.unwrap().unwrap();
        assert_eq!(pairing.status, Some(PairingStatus::PairedOnline));
        assert_eq!(pairing.policy, Some(wish.policy));
        assert_eq!(pairing.commands.len(), 8);
        assert_eq!(pairing.extensions, [Extension::Resume]);
        assert_eq!(pairing.last_command_sequence, 7);
        assert_eq!(pairing.owner_name, "ada");
        let figures = store.figures(NOW + 3).await.unwrap();
        assert_eq!((figures.pairings, figures.pairings_online), (1, 1));
        assert_eq!(store.figures(NOW + 100_000).await.unwrap().pairings_online, 0);
    }

    async fn who_sees_a_desktop(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let (_, stranger) = organization(&store, "eve").await;
        let new = NewInvitation {
            email: "bob@example.org".to_owned(),
            role: Role::Viewer,
            secret: SecretHash::of("link"),
            expires: NOW + 1_000,
        };
        store.invite(&desk.organization, &new, &actor(), NOW).await.unwrap();
        let bob = store.accept_invitation_as_new(&new.secret, &new_user("bob"), NOW).await.unwrap().user;
        assert_eq!(store.pairings_seen_by(&desk.owner).await.unwrap().len(), 1);
        assert_eq!(store.pairings_seen_by(&bob).await.unwrap().len(), 0);
        assert!(store.pairing_seen_by(&bob, &desk.pairing).await.unwrap().is_none());
        let change =
            PairingChange { label: Some("Shown".to_owned()), visibility: Some(Visibility::Organization) };
        store.change_pairing(&desk.organization, &desk.pairing, &change, &actor(), NOW).await.unwrap();
        let seen = store.pairing_seen_by(&bob, &desk.pairing).await.unwrap().unwrap();
        assert_eq!((seen.role, seen.pairing.label.as_str()), (Role::Viewer, "Shown"));
        assert_eq!(seen.organization_name, "ada's");
        assert!(store.pairing_seen_by(&stranger, &desk.pairing).await.unwrap().is_none());
        assert!(store.pairings_seen_by(&stranger).await.unwrap().is_empty());
    }

    async fn a_pairing_is_enrolled_once_and_so_many_there_are(place) {
        let store = place.store_with(Limits { desktops: 2, ..Limits::default() }).await;
        let desk = one_desktop(&store, "ada").await;
        let (other, eve) = organization(&store, "eve").await;
        let error = enrol(&store, &other, &eve, &desk.pairing, &desk.device, "ocp_mine").await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict(_)));
        assert!(prove(&store, &desk, "ocp_mine").await.is_none());
        let error = enrol(&store, &desk.organization, &eve, &PairingId::random(), &desk.device, "x").await.unwrap_err();
        assert!(matches!(error, StoreError::NotFound(_)), "she is not a member");
        let second = desktop(&store, &desk.organization, &desk.owner).await;
        let error = enrol(&store, &desk.organization, &desk.owner, &PairingId::random(), &desk.device, "x").await;
        assert!(matches!(error, Err(StoreError::Quota(reached)) if reached.quota == Quota::Desktops));
        store.revoke_pairing(&desk.organization, &second.pairing, &actor(), NOW).await.unwrap();
        desktop(&store, &desk.organization, &desk.owner).await;
    }
}
