//! A desktop that shows notifications: the service of that name on a test's own bus, which writes down what it is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// How often it is looked, 100 ms apart.
const LOOKS: u32 = 600;

/// One notification, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    id: u32,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) actions: Vec<String>,
}

type All = Arc<Mutex<Vec<Shown>>>;

struct Service {
    shown: All,
    last: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(
        clippy::too_many_arguments,
        clippy::needless_pass_by_value,
        reason = "the service's own call, whose arguments are read from the bus"
    )]
    fn notify(
        &mut self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        expire_timeout: i32,
    ) -> u32 {
        assert!(
            !app_name.is_empty()
                && !app_icon.contains("..")
                && hints.contains_key("desktop-entry")
                && expire_timeout < 0
        );
        if replaces_id == 0 {
            self.last += 1;
        }
        let id = if replaces_id == 0 { self.last } else { replaces_id };
        self.shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Shown {
                id,
                title: summary,
                body,
                actions,
            });
        id
    }

    fn close_notification(&mut self, id: u32) {
        self.shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|shown| shown.id != id);
    }

    /// A person pressed something of a notification.
    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action_key: &str) -> zbus::Result<()>;
}

/// The desktop; gone with it is what it shows.
pub(crate) struct Desktop {
    bus: zbus::Connection,
    shown: All,
}

impl Desktop {
    /// Begins to show notifications on a bus.
    pub(crate) async fn on(address: &str) -> Self {
        let shown = All::default();
        let service = Service {
            shown: shown.clone(),
            last: 0,
        };
        let bus = zbus::connection::Builder::address(address)
            .and_then(|builder| builder.serve_at(PATH, service))
            .and_then(|builder| builder.name(NAME))
            .expect("a service can be made")
            .build()
            .await
            .expect("the bus takes it");
        Self { bus, shown }
    }

    /// Presses a notification, as a person does, and so takes it away.
    pub(crate) async fn press(&self, pressed: &Shown) {
        let service = self.bus.object_server().interface::<_, Service>(PATH).await;
        let service = service.expect("it serves its own interface");
        Service::action_invoked(service.signal_emitter(), pressed.id, "default")
            .await
            .expect("the bus takes a signal");
        service.get_mut().await.close_notification(pressed.id);
    }

    /// What is shown now.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until something is shown that fits.
    pub(crate) async fn wait_for(&self, fits: impl Fn(&Shown) -> bool) -> Shown {
        for _ in 0..LOOKS {
            if let Some(found) = self.shown().into_iter().rev().find(&fits) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no such notification came; there are {:?}", self.shown());
    }
}
