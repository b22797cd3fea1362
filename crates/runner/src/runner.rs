//! Takes code blocks and runs them.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use tokio::sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, mpsc};

use crate::artifacts::Artifacts;
use crate::container::ContainerEngine;
use crate::find::Finder;
use crate::keeper::{Ending, keep};
use crate::language::Language;
use crate::limits::PhaseLimits;
use crate::means::{self, BoxMaker};
use crate::news::{Means, Outcome, Phase, Reason, Refusal, RunEvent};
use crate::options::{Installed, Options};
use crate::output::{Output, Telling, WAITING};
use crate::queue::{Queue, Turn};
use crate::recipe::{Job, Recipe, Tool, numbers, recipe, version_argument};
use crate::stop::Stop;

/// For a program to say its version. The first start of one may be slow.
const VERSION: Duration = Duration::from_secs(10);

/// Runs code blocks. Cheap to clone.
#[derive(Clone)]
pub struct Runner(Arc<Shared>);

struct Shared {
    options: Options,
    finder: Finder,
    artifacts: Artifacts,
    queue: Arc<Queue>,
    /// Found out once; a failure is tried again, since a person may have done something about it.
    maker: AsyncMutex<Option<BoxMaker>>,
    /// What programs say about their versions, by path and time of change.
    versions: Mutex<HashMap<(PathBuf, u128), Option<String>>>,
}

impl Runner {
    /// Looks at nothing yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let limits = options.limits;
        Self(Arc::new(Shared {
            finder: Finder::new(&options.search_path, options.home.as_deref()),
            artifacts: Artifacts::new(options.cache.clone(), limits.kept_bytes, limits.kept_entries),
            queue: Queue::new(limits.at_once, limits.waiting),
            maker: AsyncMutex::new(None),
            versions: Mutex::default(),
            options,
        }))
    }

    /// The languages whose programs are there. It looks at the file system each time, and starts nothing; a program
    /// may turn out to be too old.
    #[must_use]
    pub fn languages(&self) -> Vec<Installed> {
        let languages = Language::ALL.into_iter();
        languages
            .filter_map(|language| {
                let tool = self.0.tools(language).next()?;
                Some(Installed {
                    language,
                    program: tool.program.path,
                })
            })
            .collect()
    }

    /// What the program of a language says about its version, asked in a box once.
    ///
    /// # Errors
    /// [`Refusal::NotInstalled`] and [`Refusal::NoBox`].
    pub async fn version(&self, language: Language) -> Result<Option<String>, Refusal> {
        let maker = self.0.maker().await?;
        let tool = self
            .0
            .tools(language)
            .next()
            .ok_or_else(|| not_installed(language))?;
        let shared = Arc::clone(&self.0);
        Ok(on_a_thread(move || shared.version(&maker, language, &tool))
            .await
            .flatten())
    }

    /// What the boxes are made by: found out by making one.
    ///
    /// # Errors
    /// [`Refusal::NoBox`].
    pub async fn means(&self) -> Result<Means, Refusal> {
        Ok(match self.0.maker().await? {
            #[cfg(target_os = "linux")]
            BoxMaker::Bubblewrap(_) => Means::Namespaces,
            BoxMaker::Container(_) => Means::Container,
        })
    }

    /// Runs `source`, at once or when its turn comes. It ends when what is returned is dropped.
    ///
    /// Must be called in a runtime of tokio.
    ///
    /// # Errors
    /// [`Refusal`] says why nothing will run.
    pub async fn run(&self, language: Language, source: String) -> Result<Run, Refusal> {
        let limit = self.0.options.limits.source;
        if source.len() > limit {
            return Err(Refusal::TooLong { limit });
        }
        let maker = self.0.maker().await?;
        let shared = Arc::clone(&self.0);
        let planned = on_a_thread(move || Plan::new(shared, maker, language, source)).await;
        let plan =
            planned.unwrap_or_else(|| Err(Refusal::NotPrepared("a thread ended by a fault".to_owned())))?;
        let stop = Stop::new().map_err(|error| Refusal::NotPrepared(error.to_string()))?;
        let (sender, events) = mpsc::channel(WAITING);
        let run = Run {
            events,
            stop: Arc::clone(&stop),
        };
        match self.0.queue.ask() {
            Turn::Now(place) => plan.start(sender, stop, Some(place)),
            Turn::Never => {
                let waiting = self.0.options.limits.waiting;
                return Err(Refusal::QueueFull { waiting });
            }
            Turn::Later(before, waiting) => {
                // There is room: it is the first.
                let _ = sender.try_send(RunEvent::Waiting { before });
                tokio::spawn(async move {
                    let place = tokio::select! {
                        place = waiting.place() => place,
                        () = stop.given() => None,
                    };
                    plan.start(sender, stop, place);
                });
            }
        }
        Ok(run)
    }
}

/// Runs something that waits on a thread that lives as long as it.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Some(done),
        Err(error) => {
            tracing::error!(%error, "a thread of the runner ended by a fault");
            None
        }
    }
}

fn not_installed(language: Language) -> Refusal {
    Refusal::NotInstalled {
        language,
        programs: language.programs().join(", "),
    }
}

impl Shared {
    fn tools(&self, language: Language) -> impl Iterator<Item = Tool> + '_ {
        language.programs().iter().filter_map(|name| {
            Some(Tool {
                name,
                program: self.finder.find(name)?,
            })
        })
    }

    async fn maker(self: &Arc<Self>) -> Result<BoxMaker, Refusal> {
        let mut maker = self.maker.lock().await;
        if let Some(found) = maker.as_ref() {
            return Ok(found.clone());
        }
        let shared = Arc::clone(self);
        let found = on_a_thread(move || shared.look_for_maker()).await;
        let found = found.unwrap_or_else(|| Err("the look for one failed".to_owned()));
        let found = found.map_err(|advice| Refusal::NoBox { advice })?;
        *maker = Some(found.clone());
        Ok(found)
    }

    fn look_for_maker(&self) -> Result<BoxMaker, String> {
        // Only the system's: what makes the walls must not come from a directory that others write to.
        let system = Finder::new("".as_ref(), None);
        let given = self.options.bubblewrap.clone();
        let bubblewrap = given.or_else(|| system.find("bwrap").map(|program| program.path));
        let container = ["docker", "podman"].iter().filter(|_| self.options.containers);
        let container = container
            .filter_map(|name| self.finder.find(name))
            .map(|program| ContainerEngine {
                program: program.path,
                images: self.options.images.clone(),
            })
            .next();
        means::found(bubblewrap, container, &self.short())
    }

    /// Of what only has to say something.
    fn short(&self) -> PhaseLimits {
        PhaseLimits {
            wall: VERSION,
            ..self.options.limits.compile
        }
    }

    fn version(&self, maker: &BoxMaker, language: Language, tool: &Tool) -> Option<String> {
        let changed = fs::metadata(&tool.program.path)
            .and_then(|metadata| metadata.modified())
            .ok()
            .and_then(|changed| changed.duration_since(UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_nanos());
        let key = (tool.program.path.clone(), changed);
        let known = |versions: &HashMap<_, Option<String>>| versions.get(&key).cloned();
        if let Some(version) = known(&self.versions.lock().unwrap_or_else(PoisonError::into_inner)) {
            return version;
        }
        let command = [
            tool.program.path.clone().into_os_string(),
            version_argument(tool.name).into(),
        ];
        let job = Job {
            command: &command,
            needs: &tool.program.needs,
            work: None,
            out: None,
        };
        let boxed = maker.boxed(language, &nonce(), &job, &self.short()).ok()?;
        let version = match means::asked(boxed, &self.short()) {
            (Reason::Finished { code: 0 }, said) => said
                .lines()
                .next()
                .map(|line| line.trim().chars().take(200).collect()),
            _ => None,
        };
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        versions.insert(key, version.clone());
        version
    }
}

/// A name that nothing else has.
fn nonce() -> String {
    let mut random = [0_u8; 16];
    if let Err(error) = getrandom::fill(&mut random) {
        tracing::warn!(%error, "no randomness, the time has to do");
    }
    let now = UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos());
    Artifacts::key(&[&random, &now.to_le_bytes()])[..16].to_owned()
}

/// All that is known before a run has its place.
struct Plan {
    shared: Arc<Shared>,
    maker: BoxMaker,
    language: Language,
    recipe: Recipe,
    source: String,
    /// Of what is compiled.
    key: String,
}

impl Plan {
    fn new(
        shared: Arc<Shared>,
        maker: BoxMaker,
        language: Language,
        source: String,
    ) -> Result<Self, Refusal> {
        let (recipe, version) = match &maker {
            BoxMaker::Container(engine) => {
                let image = engine.image(language);
                let there = means::asked_plainly(engine.asked_for_image(&image), &shared.short());
                // Its description is longer than what is read of it; it is there all the same.
                if !matches!(there.0, Reason::Finished { code: 0 } | Reason::OutputLimit { .. }) {
                    let command = engine.how_to_get(&image);
                    return Err(Refusal::NoImage { image, command });
                }
                let (tool, version) = ContainerEngine::tool(language);
                (recipe(language, &source, &tool, version, None), Some(image))
            }
            #[cfg(target_os = "linux")]
            BoxMaker::Bubblewrap(_) => {
                let found = shared.tools(language).find_map(|tool| {
                    let asked = tool.name == "node" && language == Language::TypeScript;
                    let mut version = asked.then(|| shared.version(&maker, language, &tool)).flatten();
                    let recipe = recipe(
                        language,
                        &source,
                        &tool,
                        version.as_deref().and_then(numbers),
                        Some(&shared.finder),
                    )?;
                    if recipe.compile.is_some() {
                        version = shared.version(&maker, language, &tool);
                    }
                    Some((recipe, version))
                });
                match found {
                    Some((recipe, version)) => (Some(recipe), version),
                    None => (None, None),
                }
            }
        };
        let recipe = recipe.ok_or_else(|| not_installed(language))?;
        let mut parts = vec![version.unwrap_or_default().into_bytes()];
        let words = recipe.compile.iter().flatten();
        parts.extend(words.map(|word| word.as_encoded_bytes().to_vec()));
        parts.push(source.clone().into_bytes());
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let key = Artifacts::key(&parts);
        Ok(Self {
            shared,
            maker,
            language,
            recipe,
            source,
            key,
        })
    }

    /// On a thread of its own; without a place it was stopped before it had one.
    fn start(self, events: mpsc::Sender<RunEvent>, stop: Arc<Stop>, place: Option<OwnedSemaphorePermit>) {
        let unheard = events.clone();
        let mut telling = Telling::new(events);
        let work = move || {
            let outcome = match &place {
                Some(_) => self.carry_out(&mut telling, &stop),
                None => ended(Phase::Run, Reason::Stopped),
            };
            // Another one may run while this one's last words wait to be heard.
            drop(place);
            telling.say_and_wait(RunEvent::Ended(outcome));
        };
        if let Err(error) = std::thread::Builder::new()
            .name("code-block".to_owned())
            .spawn(work)
        {
            tracing::error!(%error, "no thread for a code block");
            let advice = "the system has no thread to give".to_owned();
            // Two events at most were told before.
            let _ = unheard.try_send(RunEvent::Ended(ended(Phase::Run, Reason::NotStarted { advice })));
        }
    }

    fn carry_out(&self, telling: &mut Telling, stop: &Stop) -> Outcome {
        match self.phases(telling, stop) {
            Ok(outcome) => outcome,
            Err(error) => {
                let advice = format!("its files could not be written: {error}");
                ended(Phase::Run, Reason::NotStarted { advice })
            }
        }
    }

    fn phases(&self, telling: &mut Telling, stop: &Stop) -> std::io::Result<Outcome> {
        let nonce = nonce();
        let directory = tempfile::Builder::new()
            .prefix("cowork-run-")
            .tempdir_in(&self.shared.options.scratch)?;
        let work = directory.path().join("work");
        fs::create_dir(&work)?;
        fs::write(work.join(&self.recipe.file), &self.source)?;
        let limits = &self.shared.options.limits;
        let mut from_cache = false;
        let mut out = None;
        if let Some(compile) = &self.recipe.compile {
            if let Some(kept) = self.shared.artifacts.get(&self.key) {
                from_cache = true;
                out = Some(kept);
            } else {
                let unfinished = self.shared.artifacts.begin(&nonce)?;
                let job = self.job(compile, &work, Some((&unfinished, true)));
                let ending = self.phase(Phase::Compile, &job, &limits.compile, (&nonce, telling, stop))?;
                if ending.reason != (Reason::Finished { code: 0 }) {
                    fs::remove_dir_all(&unfinished)?;
                    return Ok(Outcome {
                        phase: Phase::Compile,
                        reason: ending.reason,
                        elapsed: ending.elapsed,
                        from_cache,
                    });
                }
                out = Some(self.shared.artifacts.keep(&unfinished, &self.key)?);
            }
        }
        let job = self.job(&self.recipe.run, &work, out.as_deref().map(|out| (out, false)));
        let ending = self.phase(Phase::Run, &job, &limits.run, (&nonce, telling, stop))?;
        Ok(Outcome {
            phase: Phase::Run,
            reason: ending.reason,
            elapsed: ending.elapsed,
            from_cache,
        })
    }

    fn job<'a>(&'a self, command: &'a [OsString], work: &'a Path, out: Option<(&'a Path, bool)>) -> Job<'a> {
        Job {
            command,
            needs: &self.recipe.needs,
            work: Some(work),
            out,
        }
    }

    fn phase(
        &self,
        phase: Phase,
        job: &Job<'_>,
        limits: &PhaseLimits,
        (nonce, telling, stop): (&str, &mut Telling, &Stop),
    ) -> std::io::Result<Ending> {
        let boxed = self.maker.boxed(self.language, nonce, job, limits)?;
        telling.say_and_wait(RunEvent::Phase(phase));
        Ok(keep(
            boxed,
            limits,
            stop,
            Output::new(telling, phase, limits.output),
        ))
    }
}

fn ended(phase: Phase, reason: Reason) -> Outcome {
    Outcome {
        phase,
        reason,
        elapsed: Duration::ZERO,
        from_cache: false,
    }
}

/// A code block that runs or waits to. Dropped, it is stopped.
pub struct Run {
    events: mpsc::Receiver<RunEvent>,
    stop: Arc<Stop>,
}

impl Run {
    /// What it tells next; none after [`RunEvent::Ended`].
    pub async fn next(&mut self) -> Option<RunEvent> {
        self.events.recv().await
    }

    /// Ends it at once. It still tells that it has ended.
    pub fn stop(&self) {
        self.stop.give();
    }

    /// What ends it from elsewhere, and does not keep it running.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.stop))
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.stop.give();
    }
}

/// Ends a run from elsewhere.
#[derive(Clone)]
pub struct Stopper(Arc<Stop>);

impl Stopper {
    /// Ends it at once.
    pub fn stop(&self) {
        self.0.give();
    }
}
