//! What the desktop shows beside the window: one notification for each thread, gone when the window is looked at.
//!
//! On Linux the desktop's own service is spoken to, `org.freedesktop.Notifications`, by the library that the keychain is
//! spoken to with; nothing of it is there until the first notification. Elsewhere the system has its own way, which
//! says nothing of what is chosen in it but brings the app to the front by itself.

use cowork_workspace::Tiding;

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::Notifications;
#[cfg(target_os = "linux")]
pub(crate) use linux::Notifications;

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
    use std::time::Duration;

    use anyhow::Context as _;
    use futures_util::StreamExt as _;
    use zbus::zvariant::Value;

    use super::Tiding;

    /// Shown at once: a desktop keeps the rest in its list, and the window has them all.
    const MOST_SHOWN: usize = 64;
    /// How long the desktop has to answer: some show what they are asked to only after they have started.
    const PATIENCE: Duration = Duration::from_secs(10);
    /// The desktop's own choice of how long.
    const AS_THE_DESKTOP: i32 = -1;
    /// The name of what a press on the notification itself does.
    const PRESSED: &str = "default";

    #[zbus::proxy(
        interface = "org.freedesktop.Notifications",
        default_service = "org.freedesktop.Notifications",
        default_path = "/org/freedesktop/Notifications"
    )]
    trait Service {
        #[expect(clippy::too_many_arguments, reason = "the service's own call")]
        fn notify(
            &self,
            app_name: &str,
            replaces_id: u32,
            app_icon: &str,
            summary: &str,
            body: &str,
            actions: &[&str],
            hints: HashMap<&str, Value<'_>>,
            expire_timeout: i32,
        ) -> zbus::Result<u32>;

        fn close_notification(&self, id: u32) -> zbus::Result<()>;

        #[zbus(signal)]
        fn action_invoked(&self, id: u32, action_key: String) -> zbus::Result<()>;

        #[zbus(signal)]
        fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
    }

    type Chosen = Arc<dyn Fn(String) + Send + Sync>;

    /// What is shown, by the desktop's number.
    type Shown = Arc<Mutex<HashMap<u32, Option<String>>>>;

    pub(crate) struct Notifications {
        name: String,
        chosen: Chosen,
        shown: Shown,
        service: tokio::sync::Mutex<Option<ServiceProxy<'static>>>,
    }

    impl Notifications {
        /// Speaks to nobody yet. `chosen` is told the thread of a notification that a person presses.
        pub(crate) fn new(name: String, chosen: impl Fn(String) + Send + Sync + 'static) -> Self {
            Self {
                name,
                chosen: Arc::new(chosen),
                shown: Shown::default(),
                service: tokio::sync::Mutex::default(),
            }
        }

        /// Shows it, in the place of what is shown of the same thread.
        pub(crate) async fn show(&self, tiding: Tiding) -> anyhow::Result<()> {
            let mut service = self.service.lock().await;
            let outcome = in_time(PATIENCE, self.show_by(&mut service, tiding)).await;
            if outcome.is_err() {
                // The bus may be another one the next time.
                *service = None;
            }
            outcome
        }

        async fn show_by(
            &self,
            service: &mut Option<ServiceProxy<'static>>,
            tiding: Tiding,
        ) -> anyhow::Result<()> {
            let known = match &*service {
                Some(known) => known,
                None => service.insert(connect(&self.shown, &self.chosen).await?),
            };
            let replaced = lock(&self.shown)
                .iter()
                .find(|(_, session)| session.is_some() && **session == tiding.session)
                .map_or(0, |(id, _)| *id);
            let actions: &[&str] = if tiding.session.is_some() {
                &[PRESSED, ""]
            } else {
                &[]
            };
            let hints = HashMap::from([
                ("category", Value::from("im.received")),
                ("desktop-entry", Value::from(self.name.as_str())),
            ]);
            // What the desktop takes for markup is what the text is not.
            let body = escaped(&tiding.body);
            let id = known
                .notify(
                    &self.name,
                    replaced,
                    "",
                    &tiding.title,
                    &body,
                    actions,
                    hints,
                    AS_THE_DESKTOP,
                )
                .await
                .context("asking the desktop to show it")?;
            let mut shown = lock(&self.shown);
            // A desktop that was started anew gives another number.
            shown.remove(&replaced);
            if shown.len() >= MOST_SHOWN {
                shown.clear();
            }
            shown.insert(id, tiding.session);
            Ok(())
        }

        /// Takes back all that is shown, in the background.
        pub(crate) fn withdraw_all(&self) {
            // Where one is just being shown they stay: the next look takes them back.
            let Ok(service) = self.service.try_lock().map(|service| service.clone()) else {
                return;
            };
            let ids: Vec<u32> = lock(&self.shown).drain().map(|(id, _)| id).collect();
            if ids.is_empty() {
                return;
            }
            tauri::async_runtime::spawn(async move {
                for id in ids {
                    let Some(service) = &service else { return };
                    let closing = async { Ok(service.close_notification(id).await?) };
                    if let Err(error) = in_time(PATIENCE, closing).await {
                        tracing::debug!(error = format!("{error:#}"), "taking notifications back");
                        return;
                    }
                }
            });
        }
    }

    /// Waits no longer than this: a desktop that hangs is not to keep later notifications from one that works again.
    async fn in_time<T>(
        patience: Duration,
        answer: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        tokio::time::timeout(patience, answer)
            .await
            .context("the desktop did not answer in time")?
    }

    /// The person's desktop. What is pressed or closed there is heard from now on.
    async fn connect(shown: &Shown, chosen: &Chosen) -> anyhow::Result<ServiceProxy<'static>> {
        let bus = zbus::Connection::session()
            .await
            .context("finding the person's desktop")?;
        let service = ServiceProxy::new(&bus)
            .await
            .context("finding the desktop's notifications")?;
        let mut pressed = service
            .receive_action_invoked()
            .await
            .context("listening to the desktop")?;
        let mut closed = service
            .receive_notification_closed()
            .await
            .context("listening to the desktop")?;
        let (at_press, at_close, chosen) = (shown.clone(), shown.clone(), chosen.clone());
        // Both end with the connection.
        tauri::async_runtime::spawn(async move {
            while let Some(signal) = pressed.next().await {
                let Ok(arguments) = signal.args() else { continue };
                let session = lock(&at_press).remove(&arguments.id).flatten();
                if let Some(session) = session.filter(|_| arguments.action_key == PRESSED) {
                    chosen(session);
                }
            }
        });
        tauri::async_runtime::spawn(async move {
            while let Some(signal) = closed.next().await {
                if let Ok(arguments) = signal.args() {
                    lock(&at_close).remove(&arguments.id);
                }
            }
        });
        Ok(service)
    }

    fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The text where some desktops read markup.
    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    }

    #[cfg(test)]
    mod tests {
        use std::time::Duration;

        use super::{Notifications, escaped, in_time, lock};

        #[tokio::test]
        async fn a_desktop_that_does_not_answer_is_not_waited_for() {
            let hangs = in_time(
                Duration::from_millis(5),
                std::future::pending::<anyhow::Result<()>>(),
            );
            assert!(hangs.await.is_err());
            let answers = in_time(Duration::from_mins(1), async { Ok(5) });
            assert_eq!(answers.await.unwrap(), 5);
        }

        #[test]
        fn what_is_shown_is_not_forgotten_while_another_is_being_shown() {
            let notifications = Notifications::new("app".to_owned(), |_| {});
            lock(&notifications.shown).insert(5, Some("ses_1".to_owned()));
            let busy = notifications.service.try_lock().unwrap();
            notifications.withdraw_all();
            assert!(lock(&notifications.shown).contains_key(&5));
            drop(busy);
            notifications.withdraw_all();
            assert!(lock(&notifications.shown).is_empty());
        }

        #[test]
        fn no_text_is_markup() {
            assert_eq!(escaped("<b>a & b</b>"), "&lt;b&gt;a &amp; b&lt;/b&gt;");
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use anyhow::Context as _;

    use super::Tiding;

    pub(crate) struct Notifications {
        name: String,
    }

    impl Notifications {
        pub(crate) fn new(name: String, _chosen: impl Fn(String) + Send + Sync + 'static) -> Self {
            Self { name }
        }

        pub(crate) async fn show(&self, tiding: Tiding) -> anyhow::Result<()> {
            let name = self.name.clone();
            let shown = tokio::task::spawn_blocking(move || {
                notify_rust::Notification::new()
                    .appname(&name)
                    .summary(&tiding.title)
                    .body(&tiding.body)
                    .show()
                    .map(drop)
            });
            shown.await?.context("asking the system to show it")
        }

        /// The system takes them back when the app comes to the front.
        #[expect(clippy::unused_self, reason = "called alike on every system")]
        pub(crate) fn withdraw_all(&self) {}
    }
}
