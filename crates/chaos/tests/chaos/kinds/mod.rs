//! The kinds of faults, by what is taken away.

mod app_killed;
mod clock;
mod command_line;
mod disk;
mod engine_killed;
mod engine_stopped;
mod orphans;
mod port;
mod stream;

use std::sync::Arc;

use crate::harness::{App, EngineWatch, Home, Words};

/// Everything a round in the app begins with: an engine that is up, a thread, and a long answer to come.
struct Scene {
    home: Arc<Home>,
    watch: EngineWatch,
    app: App,
    mark: String,
    words: Words,
}

/// Words of an answer that streams for some seconds.
const LONG: usize = 400;

/// Between two pieces of a streaming answer, in milliseconds.
const PACE: u64 = 25;

/// Characters of it, of which a fault leaves some unsaid.
const SAID: std::ops::Range<u64> = 1..3_000;

impl Scene {
    /// With the real engine.
    fn new(round: &mut crate::harness::Round) -> Self {
        Self::with(round, App::start)
    }

    /// With an app that is started in another way.
    fn with(round: &mut crate::harness::Round, start: impl FnOnce(&Arc<Home>) -> App) -> Self {
        let home = Arc::new(Home::new());
        let watch = EngineWatch::new(&home);
        let mut app = start(&home);
        app.begin();
        let mark = round.mark();
        Self {
            words: Words::new(&mark, LONG),
            home,
            watch,
            app,
            mark,
        }
    }

    /// What holds after every fault: the thread goes on, nothing that was on screen is gone, nobody had to start the
    /// engine, there never was a second one, and the end leaves nothing behind.
    #[track_caller]
    fn ends_well(mut self) {
        self.app.goes_on(&self.mark);
        self.app.started_by_itself();
        let screen = self.app.quit();
        screen.lost_nothing();
        self.watch.saw_no_second();
        self.home.is_empty();
    }
}
