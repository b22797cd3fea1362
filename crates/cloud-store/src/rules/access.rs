//! Who may do what: role, ownership, visibility, and the scopes of a token.

use serde::{Deserialize, Serialize};

use super::words::word;

word! {
    /// What a member is in an organization. Each may what those before it may.
    Role {
        /// Sees the desktops that the organization is shown, and changes nothing.
        Viewer = "viewer",
        /// Pairs desktops and drives those.
        Member = "member",
        /// Invites, removes, sees the audit, ends any pairing.
        Admin = "admin",
        /// Makes owners and admins, and names the organization.
        Owner = "owner",
    }
}

word! {
    /// Who sees a desktop.
    Visibility {
        /// Whoever paired it.
        Owner = "owner",
        /// Everybody in the organization; driving it stays the owner's.
        Organization = "organization",
    }
}

word! {
    /// What a token of a program is for.
    Scope {
        /// Look at desktops and what they tell.
        Read = "read",
        /// Prompt, begin sessions, stop.
        Prompt = "prompt",
        /// Answer what asks for permission, and questions.
        Approve = "approve",
        /// Everything in the organization that the person may.
        Admin = "admin",
    }
}

/// What somebody wants to do in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// See that it is there, and who one is in it.
    SeeOrganization,
    /// See its members.
    SeeMembers,
    /// Invite, withdraw invitations. Into which role is [`may_give`]'s to say.
    Invite,
    /// Change its name.
    RenameOrganization,
    /// Look at its audit.
    SeeAudit,
    /// Make a token for a program, for oneself.
    MakeToken,
    /// Take back somebody else's token.
    RevokeTokens,
    /// Pair a desktop.
    Pair,
}

/// What somebody wants to do with a desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesktopDeed {
    /// See it, its sessions and what they say.
    See,
    /// Prompt, begin a session, stop what runs.
    Prompt,
    /// Answer what asks for permission, and questions.
    Answer,
    /// Its label, who sees it, its token.
    Change,
    /// End its pairing.
    Revoke,
}

/// How somebody stands to an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing<'s> {
    /// What they are in it.
    pub role: Role,
    /// The scopes of the token they came with; none for a person in a browser, who may all that the role may.
    pub scopes: Option<&'s [Scope]>,
}

impl Standing<'_> {
    fn has(self, scope: Scope) -> bool {
        self.scopes
            .is_none_or(|scopes| scopes.contains(&scope) || scopes.contains(&Scope::Admin))
    }
}

/// Whether they may.
#[must_use]
pub fn may(standing: Standing<'_>, deed: Deed) -> bool {
    let role = standing.role;
    match deed {
        Deed::SeeOrganization => standing.has(Scope::Read),
        Deed::SeeMembers => role >= Role::Member && standing.has(Scope::Read),
        Deed::Invite | Deed::SeeAudit | Deed::RevokeTokens => {
            role >= Role::Admin && standing.has(Scope::Admin)
        }
        Deed::RenameOrganization => role >= Role::Owner && standing.has(Scope::Admin),
        // A token never makes another: one that was stolen would outlive itself.
        Deed::MakeToken => role >= Role::Viewer && standing.scopes.is_none(),
        Deed::Pair => role >= Role::Member && standing.has(Scope::Admin),
    }
}

/// Whether they may do it with a desktop. `theirs` says that they paired it.
#[must_use]
pub fn may_with_desktop(
    standing: Standing<'_>,
    theirs: bool,
    visibility: Visibility,
    deed: DesktopDeed,
) -> bool {
    match deed {
        DesktopDeed::See => (theirs || visibility == Visibility::Organization) && standing.has(Scope::Read),
        // What is done on a person's own machine is that person's: no role of somebody else stands above it.
        DesktopDeed::Prompt => theirs && standing.role >= Role::Member && standing.has(Scope::Prompt),
        DesktopDeed::Answer => theirs && standing.role >= Role::Member && standing.has(Scope::Approve),
        DesktopDeed::Change => theirs && standing.has(Scope::Admin),
        DesktopDeed::Revoke => (theirs || standing.role >= Role::Admin) && standing.has(Scope::Admin),
    }
}

/// Whether somebody may make somebody a `to` who is a `from` now (none: is not in the organization yet).
#[must_use]
pub fn may_give(standing: Standing<'_>, from: Option<Role>, to: Role) -> bool {
    let highest = from.map_or(to, |from| from.max(to));
    standing.has(Scope::Admin)
        && match standing.role {
            Role::Owner => true,
            Role::Admin => highest < Role::Admin,
            Role::Member | Role::Viewer => false,
        }
}

/// Whether somebody may remove a member of that role. Everybody may go by themselves.
#[must_use]
pub fn may_remove(standing: Standing<'_>, themselves: bool, role: Role) -> bool {
    standing.has(Scope::Admin)
        && (themselves
            || match standing.role {
                Role::Owner => true,
                Role::Admin => role < Role::Admin,
                Role::Member | Role::Viewer => false,
            })
}

/// Whether the organization still has an owner when one of `owners` becomes `becomes` (none: goes).
#[must_use]
pub fn keeps_an_owner(owners: u32, was: Role, becomes: Option<Role>) -> bool {
    was != Role::Owner || becomes == Some(Role::Owner) || owners > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: [Role; 4] = [Role::Viewer, Role::Member, Role::Admin, Role::Owner];

    fn person(role: Role) -> Standing<'static> {
        Standing { role, scopes: None }
    }

    #[test]
    fn roles_are_ordered_and_spelled() {
        assert!(Role::Viewer < Role::Member && Role::Member < Role::Admin && Role::Admin < Role::Owner);
        for role in ROLES {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("root"), None);
    }

    #[test]
    fn nobody_drives_a_desktop_of_somebody_else() {
        for role in ROLES {
            for deed in [DesktopDeed::Prompt, DesktopDeed::Answer, DesktopDeed::Change] {
                assert!(
                    !may_with_desktop(person(role), false, Visibility::Organization, deed),
                    "{role:?} {deed:?}"
                );
            }
            assert!(!may_with_desktop(
                person(role),
                false,
                Visibility::Owner,
                DesktopDeed::See
            ));
            assert!(may_with_desktop(
                person(role),
                false,
                Visibility::Organization,
                DesktopDeed::See
            ));
        }
    }

    #[test]
    fn whoever_became_a_viewer_only_looks_at_their_own() {
        let viewer = person(Role::Viewer);
        assert!(may_with_desktop(
            viewer,
            true,
            Visibility::Owner,
            DesktopDeed::See
        ));
        assert!(!may_with_desktop(
            viewer,
            true,
            Visibility::Owner,
            DesktopDeed::Prompt
        ));
        assert!(may_with_desktop(
            viewer,
            true,
            Visibility::Owner,
            DesktopDeed::Revoke
        ));
    }

    #[test]
    fn a_token_has_no_more_than_its_scopes() {
        let read = Standing {
            role: Role::Owner,
            scopes: Some(&[Scope::Read]),
        };
        assert!(may_with_desktop(read, true, Visibility::Owner, DesktopDeed::See));
        assert!(!may_with_desktop(
            read,
            true,
            Visibility::Owner,
            DesktopDeed::Prompt
        ));
        assert!(!may(read, Deed::Invite));
        let prompt = Standing {
            role: Role::Member,
            scopes: Some(&[Scope::Prompt]),
        };
        assert!(may_with_desktop(
            prompt,
            true,
            Visibility::Owner,
            DesktopDeed::Prompt
        ));
        assert!(!may_with_desktop(
            prompt,
            true,
            Visibility::Owner,
            DesktopDeed::Answer
        ));
        let admin = Standing {
            role: Role::Member,
            scopes: Some(&[Scope::Admin]),
        };
        assert!(may(admin, Deed::Pair) && !may(admin, Deed::Invite) && !may(admin, Deed::MakeToken));
    }

    #[test]
    fn no_admin_makes_or_unmakes_their_like() {
        let admin = person(Role::Admin);
        assert!(may_give(admin, None, Role::Member) && may_give(admin, Some(Role::Viewer), Role::Member));
        assert!(!may_give(admin, None, Role::Admin) && !may_give(admin, Some(Role::Owner), Role::Viewer));
        assert!(!may_remove(admin, false, Role::Admin) && may_remove(admin, true, Role::Admin));
        assert!(may_give(person(Role::Owner), Some(Role::Member), Role::Owner));
        assert!(!may_give(person(Role::Member), None, Role::Viewer));
    }

    #[test]
    fn the_last_owner_stays() {
        assert!(!keeps_an_owner(1, Role::Owner, None));
        assert!(!keeps_an_owner(1, Role::Owner, Some(Role::Admin)));
        assert!(keeps_an_owner(2, Role::Owner, None));
        assert!(keeps_an_owner(1, Role::Admin, None));
    }
}
