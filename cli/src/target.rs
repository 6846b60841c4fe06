//! What the session works on: a fresh cube, the demo company, a cube file, a file of facts.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use datasets::demo;
use engine::cube::Cube;
use engine::error::EngineError;
use engine::file::{self, Access};
use query::session::Session;

use crate::files::{DEMO_FACTS, Files};

/// What is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A fresh cube in memory.
    Memory,
    /// The demo company, written to a file if one is given.
    Demo(Option<PathBuf>),
    /// A cube file, made if it is not there.
    CubeFile(PathBuf),
    /// A file of facts from which a cube in memory is made.
    FactFile(PathBuf),
}

/// Endings of files that hold facts rather than a cube.
const FACTS: [&str; 8] = ["csv", "tsv", "parquet", "arrow", "ipc", "feather", "xlsx", "xls"];

/// Endings of files of facts that can be read.
const READABLE: [&str; 7] = ["csv", "tsv", "parquet", "arrow", "ipc", "feather", "xlsx"];

impl Target {
    /// The target that a path stands for, by its ending.
    pub fn of_path(path: PathBuf) -> Self {
        match ending(&path) {
            Some(ending) if FACTS.contains(&ending.as_str()) => Target::FactFile(path),
            _ => Target::CubeFile(path),
        }
    }

    /// A short name for the prompt; none for a fresh cube.
    pub fn name(&self) -> Option<String> {
        match self {
            Target::Memory => None,
            Target::Demo(None) => Some("demo".into()),
            Target::Demo(Some(path)) | Target::CubeFile(path) | Target::FactFile(path) => {
                path.file_stem().map(|stem| stem.to_string_lossy().into_owned())
            }
        }
    }

    /// The file that the cube is kept in.
    pub fn cube_file(&self) -> Option<&Path> {
        match self {
            Target::Demo(Some(path)) | Target::CubeFile(path) => Some(path),
            _ => None,
        }
    }
}

fn ending(path: &Path) -> Option<String> {
    path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase())
}

/// How it is opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// Every change is refused.
    pub read_only: bool,
    /// Threads that scans run on; as many as there are cores where none.
    pub threads: Option<NonZeroUsize>,
    /// How many seconds another process that writes is waited for; some where none.
    pub wait: Option<u32>,
}

/// What was opened.
pub struct Opened {
    /// Ready for statements.
    pub session: Session,
    /// Said at the prompt before the first statement, a line each.
    pub banner: Vec<String>,
    /// Whether a script is told, too: something was made or inferred.
    pub news: bool,
    /// The cube file, where it was not there before.
    pub made: Option<PathBuf>,
}

/// Why something cannot be opened, checked or saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenError {
    /// One sentence without a full stop.
    pub message: String,
    /// What to do instead, a line each.
    pub help: Vec<String>,
}

impl OpenError {
    /// An error with nothing more to say.
    pub fn new(message: impl Into<String>) -> Self {
        OpenError { message: message.into(), help: Vec::new() }
    }

    /// With a line of help.
    pub fn helped(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.iter().try_for_each(|line| write!(f, "\nhelp: {line}"))
    }
}

impl std::error::Error for OpenError {}

/// Opens what is asked for.
pub fn open(what: &Target, options: OpenOptions) -> Result<Opened, OpenError> {
    if let Target::FactFile(path) = what {
        readable(path)?;
    }
    if let Target::CubeFile(path) = what
        && !path.exists()
        && path.extension().is_none()
    {
        return Err(OpenError::new(format!("cannot open {}: no such file", path.display()))
            .helped("a new cube is made where the name has an ending, such as acme.plancube")
            .helped("`plancube demo` opens the demo company"));
    }
    if let Some(threads) = options.threads {
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
    }
    let mut opened = open_target(what, options)?;
    if options.read_only {
        opened.session.set_read_only();
    }
    Ok(opened)
}

/// Refuses files of facts that no reader is there for.
fn readable(path: &Path) -> Result<(), OpenError> {
    let ending = ending(path).unwrap_or_default();
    if READABLE.contains(&ending.as_str()) {
        return Ok(());
    }
    let message = format!("cannot open {}: .{ending} files cannot be read yet", path.display());
    Err(OpenError::new(message).helped("save it as .xlsx, .csv or .parquet"))
}

fn open_target(what: &Target, options: OpenOptions) -> Result<Opened, OpenError> {
    let in_memory = || Cube::in_memory(&author()).map_err(cannot);
    match what {
        Target::Memory => Ok(opened(in_memory()?, vec!["a fresh cube in memory; .help shows how to begin".into()])),
        Target::CubeFile(path) => {
            let made = !path.exists();
            let open = |access| match options.wait {
                Some(seconds) => file::open_waiting(path, access, &author(), Duration::from_secs(seconds.into())),
                None => file::open(path, access, &author()),
            };
            let (cube, barred) = match open(if options.read_only { Access::Read } else { Access::Write }) {
                Err(barred @ EngineError::Unwritable(_)) => (open(Access::Read).map_err(cannot)?, Some(barred)),
                opened => (opened.map_err(cannot)?, None),
            };
            let facts = cube.snapshot().facts();
            let mut banner = vec![match made {
                true => format!("{} made", path.display()),
                false => format!("{}: {facts} facts; describe shows the model", path.display()),
            }];
            let news = made || barred.is_some();
            let mut opened = opened(cube, Vec::new());
            if let Some(barred) = barred {
                opened.session.set_read_only();
                banner.push(format!("{barred}: it answers questions and refuses changes"));
            }
            Ok(Opened { news, banner, made: made.then(|| path.clone()), ..opened })
        }
        Target::Demo(None) => {
            let mut session = Session::new(in_memory()?, Box::new(Files::default()));
            demo(&mut session)?;
            Ok(Opened { session, banner: demo::BANNER.map(str::to_owned).to_vec(), news: false, made: None })
        }
        Target::Demo(Some(path)) => {
            let mut opened = open_target(&Target::Demo(None), options)?;
            save(&mut opened.session, path)?;
            let cube = file::open(path, Access::Write, &author()).map_err(cannot)?;
            Ok(Opened { session: Session::new(cube, Box::new(Files::default())), ..opened })
        }
        Target::FactFile(path) => {
            let mut session = Session::new(in_memory()?, Box::new(Files::default()));
            let said = session.open_facts(&path.to_string_lossy()).map_err(|error| {
                error
                    .help
                    .iter()
                    .fold(OpenError::new(error.message.clone()), |failed, line| failed.helped(line.clone()))
            })?;
            let first = format!("{}: a model was inferred", path.display());
            Ok(Opened { session, banner: std::iter::once(first).chain(said).collect(), news: true, made: None })
        }
    }
}

fn opened(cube: Cube, banner: Vec<String>) -> Opened {
    Opened { session: Session::new(cube, Box::new(Files::default())), banner, news: false, made: None }
}

/// Fills a session with the demo company.
fn demo(session: &mut Session) -> Result<(), OpenError> {
    let model = query::syntax::split(demo::MODEL).into_iter().filter_map(|span| demo::MODEL.get(span));
    let load = format!("load '{DEMO_FACTS}' creating members");
    let statements = model.chain([load.as_str()]);
    session
        .execute_as_one(&format!("open the demo company, {}", demo::NAME), statements)
        .map(|_| ())
        .map_err(|error| OpenError::new(format!("the demo cannot be made: {}", error.message)))
}

/// Who is said to have done an operation.
fn author() -> String {
    ["PLANCUBE_AUTHOR", "USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()))
        .unwrap_or_else(|| "unknown".into())
}

fn cannot(error: EngineError) -> OpenError {
    OpenError::new(error.to_string())
}

/// Writes the session's cube to a cube file.
pub fn save(session: &mut Session, path: &Path) -> Result<(), OpenError> {
    file::save(session.cube(), path).map_err(cannot)
}

/// Verifies a cube file; answers what was found in order, a line each.
pub fn check(path: &Path) -> Result<Vec<String>, OpenError> {
    if !path.exists() {
        return Err(OpenError::new(format!("cannot open {}: no such file", path.display())));
    }
    file::check(path).map_err(cannot)
}

/// Saves what can be saved of a damaged cube file into a new one beside it; answers what was saved and what was not, a
/// line each, and whether that was all.
pub fn repair(path: &Path) -> Result<(Vec<String>, bool), OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".repaired");
    let into = PathBuf::from(name);
    if !path.exists() {
        return Err(OpenError::new(format!("cannot open {}: no such file", path.display())));
    }
    let mut saved = file::repair(path, &into).map_err(cannot)?;
    saved.report.push(format!("written to {}; {} is as it was", into.display(), path.display()));
    Ok((saved.report, saved.whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_tell_facts_from_cubes() {
        let of = |path: &str| Target::of_path(path.into());
        assert_eq!(of("acme.plancube"), Target::CubeFile("acme.plancube".into()));
        assert_eq!(of("acme"), Target::CubeFile("acme".into()));
        assert_eq!(of("facts.CSV"), Target::FactFile("facts.CSV".into()));
        assert_eq!(of("facts.parquet"), Target::FactFile("facts.parquet".into()));
    }

    #[test]
    fn unreadable_facts_say_what_to_do() {
        let target = Target::of_path("book.xls".into());
        let error = open(&target, OpenOptions::default()).err().unwrap();
        assert!(error.message.contains(".xls files cannot be read yet"));
        assert!(error.to_string().contains("help: save it as .xlsx, .csv or .parquet"));
    }

    #[test]
    fn targets_have_short_names() {
        assert_eq!(Target::Memory.name(), None);
        assert_eq!(Target::Demo(None).name().as_deref(), Some("demo"));
        assert_eq!(Target::of_path("/data/acme.plancube".into()).name().as_deref(), Some("acme"));
    }
}
