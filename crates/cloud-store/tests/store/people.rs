//! People, organizations, and the ways into them.

use cowork_cloud_store::rules::quotas::Quota;
use cowork_cloud_store::{
    Actor, ActorKind, Limits, NewApiToken, NewInvitation, NewSignIn, Role, Scope, SecretHash, Store,
    StoreError, UserId, limits,
};
use serde_json::json;

use crate::place::{NOW, actor, desktop, new_user, on_both, organization};

const HOUR: i64 = 60 * 60 * 1000;

fn invitation(email: &str, role: Role, secret: &str) -> NewInvitation {
    NewInvitation {
        email: email.to_owned(),
        role,
        secret: SecretHash::of(secret),
        expires: NOW + HOUR,
    }
}

async fn signed_in(store: &Store, user: &UserId, secret: &str, now: i64) -> cowork_cloud_store::SignIn {
    let sign_in = NewSignIn {
        user: user.clone(),
        password_hash: store.user(user).await.unwrap().unwrap().password_hash,
        secret: SecretHash::of(secret),
        csrf: format!("csrf of {secret}"),
        agent: format!("Browser\n{}", "é".repeat(300)),
        expires: now + 10 * HOUR,
    };
    store.sign_in(&sign_in, &actor(), now).await.unwrap()
}

on_both! {
    async fn the_first_owner_comes_by_a_link_that_works_once(place) {
        let store = place.store().await;
        assert!(!store.is_set_up().await.unwrap());
        let (old, secret) = (SecretHash::of("old"), SecretHash::of("link"));
        store.mint_owner_link(&old, NOW + HOUR, NOW).await.unwrap();
        store.mint_owner_link(&secret, NOW + HOUR, NOW).await.unwrap();
        assert!(!store.owner_link_works(&old, NOW).await.unwrap());
        assert!(!store.owner_link_works(&secret, NOW + HOUR).await.unwrap());
        assert!(store.owner_link_works(&secret, NOW).await.unwrap());
        // Two who come at once: one gets in.
        let all: Vec<_> = ["ada", "bob"]
            .into_iter()
            .map(|name| {
                let (store, secret) = (store.clone(), secret.clone());
                tokio::spawn(async move { store.redeem_owner_link(&secret, &new_user(name), "Example", NOW).await })
            })
            .collect();
        let mut welcomed = Vec::new();
        for one in all {
            match one.await.unwrap() {
                Ok(one) => welcomed.push(one),
                Err(error) => assert!(matches!(error, StoreError::NotFound(_)), "{error}"),
            }
        }
        assert_eq!(welcomed.len(), 1);
        assert!(store.is_set_up().await.unwrap());
        let memberships = store.memberships(&welcomed[0].user).await.unwrap();
        assert_eq!((memberships[0].role, memberships[0].organization.name.as_str()), (Role::Owner, "Example"));
    }

    async fn each_link_of_a_first_start_works_until_one_was_followed(place) {
        let store = place.store().await;
        let all: Vec<_> = (0..12).map(|number| SecretHash::of(&format!("link {number}"))).collect();
        for (at, secret) in (NOW..).zip(&all) {
            store.mint_first_owner_link(secret, NOW + HOUR, at).await.unwrap();
        }
        let mut works = Vec::new();
        for secret in &all {
            works.push(store.owner_link_works(secret, NOW).await.unwrap());
        }
        assert_eq!(works, [[false; 2].as_slice(), &[true; 10]].concat());
        store.redeem_owner_link(&all[5], &new_user("ada"), "Example", NOW).await.unwrap();
        for secret in &all {
            assert!(!store.owner_link_works(secret, NOW).await.unwrap());
        }
    }

    async fn an_address_is_one_persons(place) {
        let store = place.store().await;
        let (_, ada) = organization(&store, "ada").await;
        let found = store.user_by_email(" ADA@example.org").await.unwrap().unwrap();
        assert_eq!((found.id, found.password_hash.as_str()), (ada.clone(), "hash of ada's password"));
        assert_eq!(store.user_by_email("nobody@example.org").await.unwrap(), None);
        assert_eq!(store.user_by_email("ada@example.org\0").await.unwrap(), None);
        let secret = SecretHash::of("second link");
        store.mint_owner_link(&secret, NOW + HOUR, NOW).await.unwrap();
        let error = store.redeem_owner_link(&secret, &new_user("ada"), "Other", NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict(_)));
        // Nothing of it was kept: the link still works.
        assert!(store.owner_link_works(&secret, NOW).await.unwrap());
        store.rename_user(&ada, " Ada L. ", &actor(), NOW).await.unwrap();
        assert_eq!(store.user(&ada).await.unwrap().unwrap().name, "Ada L.");
        assert!(store.rename_user(&ada, "\u{0}", &actor(), NOW).await.is_err());
    }

    async fn an_invitation_is_for_one_address_and_works_once(place) {
        let store = place.store().await;
        let (organization, _) = organization(&store, "ada").await;
        let void = invitation("bob@example.org", Role::Member, "void");
        store.invite(&organization, &void, &actor(), NOW).await.unwrap();
        let new = invitation("Bob@Example.org", Role::Viewer, "new");
        let id = store.invite(&organization, &new, &actor(), NOW).await.unwrap();
        assert_eq!(store.invitation_by_secret(&void.secret, NOW).await.unwrap(), None);
        assert_eq!(store.invitation_by_secret(&new.secret, NOW + HOUR).await.unwrap(), None);
        let found = store.invitation_by_secret(&new.secret, NOW).await.unwrap().unwrap();
        assert_eq!((found.id, found.email.as_str(), found.role), (id, "bob@example.org", Role::Viewer));
        assert_eq!(found.organization_name, "ada's");
        // Whatever address is given with it, the invitation's counts.
        let welcomed = store.accept_invitation_as_new(&new.secret, &new_user("eve"), NOW).await.unwrap();
        assert_eq!(store.user(&welcomed.user).await.unwrap().unwrap().email, "bob@example.org");
        assert_eq!(store.membership(&organization, &welcomed.user).await.unwrap().unwrap().role, Role::Viewer);
        let error = store.accept_invitation_as_new(&new.secret, &new_user("eve"), NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::NotFound(_)));
        let again = invitation("bob@example.org", Role::Owner, "again");
        let error = store.invite(&organization, &again, &actor(), NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict(_)));
    }

    async fn an_invitation_is_worth_no_more_than_whoever_made_it(place) {
        let store = place.store().await;
        let (organization, ada) = organization(&store, "ada").await;
        let mut people = Vec::new();
        for (name, role) in [("bob", Role::Admin), ("eve", Role::Owner)] {
            let new = invitation(&format!("{name}@example.org"), role, name);
            store.invite(&organization, &new, &Actor::user(&ada, "ada"), NOW).await.unwrap();
            people.push(store.accept_invitation_as_new(&new.secret, &new_user(name), NOW).await.unwrap().user);
        }
        let (bob, eve) = (Actor::user(&people[0], "bob"), Actor::user(&people[1], "eve"));
        let works = async |secret: &str| store.invitation_by_secret(&SecretHash::of(secret), NOW).await.unwrap().is_some();
        let beyond = invitation("x@example.org", Role::Owner, "beyond");
        assert!(matches!(store.invite(&organization, &beyond, &bob, NOW).await, Err(StoreError::Forbidden(_))));
        let token = NewApiToken {
            user: people[0].clone(),
            label: "script".to_owned(),
            secret: SecretHash::of("oct"),
            scopes: vec![Scope::Admin],
            expires: NOW + HOUR,
        };
        let token = store.create_api_token(&organization, &token, &bob, NOW).await.unwrap();
        let program = Actor { kind: ActorKind::Token, id: token.id.to_string(), label: "script".to_owned() };
        for (by, role, secret) in [
            (&bob, Role::Member, "by bob"),
            (&program, Role::Member, "by his program"),
            (&eve, Role::Owner, "an owner"),
            (&eve, Role::Viewer, "a viewer"),
            (&actor(), Role::Owner, "by the operator"),
        ] {
            let new = invitation(&format!("{}@example.org", secret.replace(' ', ".")), role, secret);
            store.invite(&organization, &new, by, NOW).await.unwrap();
        }
        // Whoever is removed does not come back by another address.
        store.remove_member(&organization, &people[0], Role::Admin, &actor(), NOW).await.unwrap();
        assert!(!works("by bob").await && !works("by his program").await);
        let error = store.accept_invitation_as_new(&SecretHash::of("by bob"), &new_user("bob2"), NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::NotFound(_)));
        assert!(matches!(store.invite(&organization, &beyond, &bob, NOW).await, Err(StoreError::NotFound(_))));
        // Nor does an admin make the owner they were.
        store.set_role(&organization, &people[1], Role::Owner, Role::Admin, &actor(), NOW).await.unwrap();
        assert!(!works("an owner").await && works("a viewer").await);
        store.set_role(&organization, &people[1], Role::Admin, Role::Member, &actor(), NOW).await.unwrap();
        assert!(!works("a viewer").await && works("by the operator").await);
    }

    async fn whoever_has_an_account_comes_in_with_it(place) {
        let store = place.store().await;
        let (first, _) = organization(&store, "ada").await;
        let (_, bob) = organization(&store, "bob").await;
        let (_, eve) = organization(&store, "eve").await;
        let new = invitation("bob@example.org", Role::Member, "secret");
        store.invite(&first, &new, &actor(), NOW).await.unwrap();
        let error = store.accept_invitation_as_new(&new.secret, &new_user("bob"), NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict(_)));
        let error = store.accept_invitation_as(&new.secret, &eve, NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::Forbidden(_)));
        assert_eq!(store.invitations(&first, NOW).await.unwrap().len(), 1);
        store.accept_invitation_as(&new.secret, &bob, NOW).await.unwrap();
        assert_eq!(store.memberships(&bob).await.unwrap().len(), 2);
        assert_eq!(store.invitations(&first, NOW).await.unwrap(), []);
        let names: Vec<_> = store.members(&first).await.unwrap().into_iter().map(|member| member.name).collect();
        assert_eq!(names, ["ada", "bob"]);
        let id = store.invite(&first, &invitation("x@example.org", Role::Member, "x"), &actor(), NOW).await.unwrap();
        store.withdraw_invitation(&first, &id, &actor(), NOW).await.unwrap();
        assert_eq!(store.invitation_by_secret(&SecretHash::of("x"), NOW).await.unwrap(), None);
    }

    async fn an_organization_keeps_an_owner(place) {
        let store = place.store().await;
        let (organization, ada) = organization(&store, "ada").await;
        let new = invitation("bob@example.org", Role::Owner, "secret");
        store.invite(&organization, &new, &actor(), NOW).await.unwrap();
        let bob = store.accept_invitation_as_new(&new.secret, &new_user("bob"), NOW).await.unwrap().user;
        // Both want to go at once, and each would leave the other behind.
        let goes = |who: UserId| {
            let (store, organization) = (store.clone(), organization.clone());
            tokio::spawn(async move { store.remove_member(&organization, &who, Role::Owner, &actor(), NOW).await })
        };
        let (first, second) = (goes(ada.clone()), goes(bob.clone()));
        let results = [first.await.unwrap(), second.await.unwrap()];
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        let left = store.members(&organization).await.unwrap();
        assert_eq!((left.len(), left[0].role), (1, Role::Owner));
        let error = store
            .set_role(&organization, &left[0].user, Role::Owner, Role::Viewer, &actor(), NOW)
            .await
            .unwrap_err();
        assert!(matches!(error, StoreError::Conflict(_)));
        let error = store
            .set_role(&organization, &left[0].user, Role::Viewer, Role::Owner, &actor(), NOW)
            .await
            .unwrap_err();
        assert!(matches!(error, StoreError::Conflict(_)), "it was judged by another role");
    }

    async fn whoever_goes_leaves_nothing_that_works(place) {
        let store = place.store().await;
        let (organization, _) = organization(&store, "ada").await;
        let new = invitation("bob@example.org", Role::Member, "secret");
        store.invite(&organization, &new, &actor(), NOW).await.unwrap();
        let bob = store.accept_invitation_as_new(&new.secret, &new_user("bob"), NOW).await.unwrap().user;
        let desk = desktop(&store, &organization, &bob).await;
        let token = NewApiToken {
            user: bob.clone(),
            label: "script".to_owned(),
            secret: SecretHash::of("oct_1"),
            scopes: vec![Scope::Read],
            expires: NOW + HOUR,
        };
        store.create_api_token(&organization, &token, &actor(), NOW).await.unwrap();
        store.set_role(&organization, &bob, Role::Member, Role::Admin, &actor(), NOW).await.unwrap();
        let ended = store.remove_member(&organization, &bob, Role::Admin, &actor(), NOW).await.unwrap();
        assert_eq!(ended.iter().collect::<Vec<_>>(), [&desk.pairing]);
        assert_eq!(store.api_token_by_secret(&token.secret, NOW).await.unwrap(), None);
        let proven = store.prove(&desk.pairing, &desk.device, &SecretHash::of(&desk.token)).await.unwrap().unwrap();
        assert!(proven.is_revoked());
        assert!(store.pairings_seen_by(&bob).await.unwrap().is_empty());
        let error = store.create_api_token(&organization, &token, &actor(), NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::NotFound(_)));
    }

    async fn a_sign_in_ends_by_time_by_rest_and_by_word(place) {
        let store = place.store().await;
        let (_, ada) = organization(&store, "ada").await;
        let one = signed_in(&store, &ada, "one", NOW).await;
        assert!(one.agent.len() <= 200 && !one.agent.contains('\n'));
        let secret = SecretHash::of("one");
        let (found, user) = store.sign_in_by_secret(&secret, HOUR, NOW + 1).await.unwrap().unwrap();
        assert_eq!((found, user.id), (one.clone(), ada.clone()));
        // Seen within the hour, and then again: it stays. Not seen for an hour: it is over.
        let later = NOW + HOUR - 1;
        let seen = store.sign_in_by_secret(&secret, HOUR, later).await.unwrap().unwrap().0.last_seen;
        assert_eq!(seen, later);
        assert!(store.sign_in_by_secret(&secret, HOUR, later + HOUR - 1).await.unwrap().is_some());
        assert!(store.sign_in_by_secret(&secret, HOUR, later + 3 * HOUR).await.unwrap().is_none());
        assert!(store.sign_in_by_secret(&secret, 100 * HOUR, NOW + 10 * HOUR).await.unwrap().is_none());
        let two = signed_in(&store, &ada, "two", NOW).await;
        store.sign_out(&ada, &one.id, &actor(), NOW).await.unwrap();
        assert!(store.sign_in_by_secret(&secret, HOUR, NOW).await.unwrap().is_none());
        assert!(matches!(store.sign_out(&ada, &one.id, &actor(), NOW).await, Err(StoreError::NotFound(_))));
        signed_in(&store, &ada, "three", NOW).await;
        assert_eq!(store.sign_out_everywhere(&ada, Some(&two.id), &actor(), NOW).await.unwrap(), 1);
        assert_eq!(store.sign_ins(&ada, HOUR, NOW).await.unwrap().len(), 1);
    }

    async fn what_becomes_of_an_account_is_written_down_with_it_wherever_its_person_is(place) {
        let store = place.store().await;
        let (first, ada) = organization(&store, "ada").await;
        let second = store.create_organization("Second", &ada, &actor(), NOW).await.unwrap().id;
        let by = Actor::user(&ada, "ada");
        let one = signed_in(&store, &ada, "one", NOW).await;
        store.rename_user(&ada, "Ada", &by, NOW).await.unwrap();
        store.sign_out(&ada, &one.id, &by, NOW).await.unwrap();
        store.set_password(&ada, "hash", None, &by, NOW).await.unwrap();
        store.sign_out_everywhere(&ada, None, &by, NOW).await.unwrap();
        // What changes nothing is not written.
        assert!(store.sign_out(&ada, &one.id, &by, NOW).await.is_err());
        assert!(store.set_password(&UserId::random(), "hash", None, &by, NOW).await.is_err());
        for organization in [&first, &second] {
            let rows = store.audit(organization, None, 100).await.unwrap().rows;
            let actions: Vec<_> = rows.iter().rev().skip(1).map(|row| (row.action.as_str(), row.about.as_str())).collect();
            let expected = ["user.signed_in", "user.renamed", "user.signed_out", "user.password_changed", "user.signed_out_everywhere"];
            assert_eq!(actions, expected.map(|action| (action, ada.as_str())));
        }
    }

    async fn another_password_ends_every_other_sign_in(place) {
        let store = place.store().await;
        let (_, ada) = organization(&store, "ada").await;
        let kept = signed_in(&store, &ada, "here", NOW).await;
        signed_in(&store, &ada, "thief", NOW).await;
        assert_eq!(store.sign_ins(&ada, HOUR, NOW).await.unwrap().len(), 2);
        store.set_password(&ada, "another", Some(&kept.id), &actor(), NOW).await.unwrap();
        assert!(store.sign_in_by_secret(&SecretHash::of("thief"), HOUR, NOW).await.unwrap().is_none());
        assert!(store.sign_in_by_secret(&SecretHash::of("here"), HOUR, NOW).await.unwrap().is_some());
        // Nor does the former one let anybody in who showed it just before.
        let late = NewSignIn {
            user: ada.clone(),
            password_hash: "hash of ada's password".to_owned(),
            secret: SecretHash::of("late"),
            csrf: String::new(),
            agent: String::new(),
            expires: NOW + HOUR,
        };
        assert!(matches!(store.sign_in(&late, &actor(), NOW).await, Err(StoreError::Conflict(_))));
        assert!(store.sign_in_by_secret(&late.secret, HOUR, NOW).await.unwrap().is_none());
    }

    async fn so_many_sign_ins_and_the_one_not_seen_longest_goes(place) {
        let store = place.store().await;
        let (_, ada) = organization(&store, "ada").await;
        for number in 0..=i64::from(limits::SIGN_INS) {
            signed_in(&store, &ada, &format!("browser {number}"), NOW + number).await;
        }
        let all = store.sign_ins(&ada, HOUR, NOW).await.unwrap();
        assert_eq!(all.len(), limits::SIGN_INS as usize);
        assert!(store.sign_in_by_secret(&SecretHash::of("browser 0"), HOUR, NOW).await.unwrap().is_none());
    }

    async fn a_token_works_until_it_is_over_or_taken_back(place) {
        let store = place.store_with(Limits { api_tokens: 2, ..Limits::default() }).await;
        let (organization, ada) = organization(&store, "ada").await;
        let token = |secret: &str, scopes: &[Scope]| NewApiToken {
            user: ada.clone(),
            label: format!("for {secret}"),
            secret: SecretHash::of(secret),
            scopes: scopes.to_vec(),
            expires: NOW + HOUR,
        };
        let none = token("none", &[]);
        assert!(store.create_api_token(&organization, &none, &actor(), NOW).await.is_err());
        let first = token("oct_1", &[Scope::Read, Scope::Prompt]);
        let made = store.create_api_token(&organization, &first, &actor(), NOW).await.unwrap();
        let standing = store.api_token_by_secret(&first.secret, NOW + 5).await.unwrap().unwrap();
        assert_eq!(standing.role, Role::Owner);
        assert_eq!(standing.token.scopes, [Scope::Read, Scope::Prompt]);
        assert_eq!(standing.token.last_used, Some(NOW + 5));
        assert_eq!(store.api_token_by_secret(&first.secret, NOW + HOUR).await.unwrap(), None);
        store.create_api_token(&organization, &token("oct_2", &[Scope::Admin]), &actor(), NOW).await.unwrap();
        let third = token("oct_3", &[Scope::Read]);
        let error = store.create_api_token(&organization, &third, &actor(), NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::Quota(reached) if reached.quota == Quota::ApiTokens));
        assert_eq!(store.api_tokens(&organization, Some(&ada), NOW).await.unwrap().len(), 2);
        let somebody = UserId::random();
        let error = store.revoke_api_token(&organization, &made.id, Some(&somebody), &actor(), NOW).await;
        assert!(matches!(error, Err(StoreError::NotFound(_))));
        store.revoke_api_token(&organization, &made.id, None, &actor(), NOW).await.unwrap();
        assert_eq!(store.api_token_by_secret(&first.secret, NOW).await.unwrap(), None);
    }

    async fn members_and_organizations_have_bounds(place) {
        let store = place.store_with(Limits { members: 2, organizations: 2, ..Limits::default() }).await;
        let (organization, ada) = organization(&store, "ada").await;
        store.invite(&organization, &invitation("a@example.org", Role::Member, "a"), &actor(), NOW).await.unwrap();
        let error = store
            .invite(&organization, &invitation("b@example.org", Role::Member, "b"), &actor(), NOW)
            .await
            .unwrap_err();
        assert!(matches!(error, StoreError::Quota(reached) if reached.quota == Quota::Members));
        store.create_organization("Second", &ada, &actor(), NOW).await.unwrap();
        let error = store.create_organization("Third", &ada, &actor(), NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::Quota(reached) if reached.quota == Quota::Organizations));
    }

    async fn what_was_done_is_written_down(place) {
        let store = place.store().await;
        let (organization, ada) = organization(&store, "ada").await;
        store.rename_organization(&organization, "Renamed", &actor(), NOW + 1).await.unwrap();
        for number in 0..5 {
            let details = json!({ "number": number });
            store.write_audit(&organization, &actor(), "person.signed_in", ada.as_str(), &details, NOW + 2).await.unwrap();
        }
        let page = store.audit(&organization, None, 3).await.unwrap();
        assert_eq!(page.rows.len(), 3);
        assert_eq!(page.rows[0].details, json!({ "number": 4 }));
        assert_eq!(page.rows[0].actor, actor());
        let rest = store.audit(&organization, page.older, 100).await.unwrap();
        assert_eq!(rest.older, None);
        let actions: Vec<_> = rest.rows.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(
            actions,
            ["person.signed_in", "person.signed_in", "organization.renamed", "organization.created"]
        );
        let long = json!("x".repeat(5_000));
        assert!(store.write_audit(&organization, &actor(), "export", "", &long, NOW).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_somebody_is_is_known_also_where_nothing_can_be_written() {
    let place = crate::place::Place::sqlite();
    let store = place.store().await;
    let (organization, ada) = organization(&store, "ada").await;
    signed_in(&store, &ada, "cookie", NOW).await;
    let token = NewApiToken {
        user: ada.clone(),
        label: "script".to_owned(),
        secret: SecretHash::of("token"),
        scopes: vec![Scope::Read],
        expires: NOW + HOUR,
    };
    store
        .create_api_token(&organization, &token, &actor(), NOW)
        .await
        .unwrap();
    for table in ["sign_ins", "api_tokens"] {
        let full = format!(
            "CREATE TRIGGER full_{table} BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        );
        crate::migrations::change(&place, &full).await;
    }
    let later = NOW + HOUR / 2;
    let (sign_in, user) = store
        .sign_in_by_secret(&SecretHash::of("cookie"), HOUR, later)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((sign_in.last_seen, user.id), (NOW, ada));
    let standing = store.api_token_by_secret(&token.secret, later).await.unwrap();
    assert_eq!(standing.unwrap().token.last_used, None);
}
