//! Settings: flags first, then the environment (`TWOTAKE_…`), then a TOML file, then the default. One struct names them all;
//! docs/configuration.md is generated from it, so a setting cannot be undocumented.

mod file;
pub mod table;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::ValueEnum;
use serde::Deserialize;

/// Which work this process does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Answers requests and works through jobs.
    All,
    /// Answers requests only.
    Web,
    /// Works through jobs only (health and metrics are still answered).
    Worker,
}

/// How log lines are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a person at a terminal.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Every setting as it may be given; what is absent falls through to the next source.
#[derive(clap::Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// Folder for the database, stored files and the work in progress [default: ./data]
    #[arg(long, value_name = "DIR", env = "TWOTAKE_DATA")]
    pub data: Option<PathBuf>,
    /// Settings file in TOML [default: DATA/twotake.toml, when it exists]
    #[arg(long, value_name = "FILE", env = "TWOTAKE_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "TWOTAKE_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// The address people use, as in https://two.example.com: links are made with it [default: http://LISTEN]
    #[arg(long, value_name = "URL", env = "TWOTAKE_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [default: sqlite:DATA/twotake.db]
    #[arg(long, value_name = "URL", env = "TWOTAKE_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// file:DIR or s3://BUCKET[/PREFIX]?endpoint=URL&region=R&path_style=true [default: file:DATA/store]
    #[arg(long, value_name = "URL", env = "TWOTAKE_STORE", hide_env_values = true)]
    pub store: Option<String>,
    /// Access key of the S3 store; without it the usual AWS sources are asked
    #[arg(long, value_name = "KEY", env = "TWOTAKE_S3_ACCESS_KEY", hide_env_values = true)]
    pub s3_access_key: Option<String>,
    /// Secret key of the S3 store
    #[arg(long, value_name = "KEY", env = "TWOTAKE_S3_SECRET_KEY", hide_env_values = true)]
    pub s3_secret_key: Option<String>,
    /// Send players to signed addresses of the S3 store instead of passing the bytes through [default: false]
    #[arg(long, value_name = "BOOL", env = "TWOTAKE_S3_REDIRECT")]
    pub s3_redirect: Option<bool>,
    /// What this process does [default: all]
    #[arg(long, value_enum, env = "TWOTAKE_ROLE")]
    pub role: Option<Role>,
    /// Recordings worked on at once; everything else has a slot of its own [default: one a core, at least two]
    #[arg(long, value_name = "N", env = "TWOTAKE_WORKERS")]
    pub workers: Option<usize>,
    /// Cores that media work may use; what is left of them helps to make long files [default: all of the machine]
    #[arg(long, value_name = "N", env = "TWOTAKE_MEDIA_CORES")]
    pub media_cores: Option<usize>,
    /// A file of which this many seconds are still to be made may be made by several workers and nodes at once; 0 for never [default: 40]
    #[arg(long, value_name = "SECONDS", env = "TWOTAKE_SHARE_FROM_S")]
    pub share_from_s: Option<u32>,
    /// How long a claimed job lasts without a sign of life, for tests: every node must say the same [default: 10000]
    #[arg(long, value_name = "MS", env = "TWOTAKE_LEASE_MS", hide = true)]
    pub lease_ms: Option<u64>,
    /// Largest upload in bytes [default: 2147483648, that is 2 GiB]
    #[arg(long, value_name = "BYTES", env = "TWOTAKE_MAX_UPLOAD_BYTES")]
    pub max_upload_bytes: Option<u64>,
    /// Storage one person may fill, in bytes, unless set for the person [default: 21474836480, that is 20 GiB]
    #[arg(long, value_name = "BYTES", env = "TWOTAKE_QUOTA_BYTES")]
    pub quota_bytes: Option<u64>,
    /// Hours after which an unfinished upload is swept [default: 24]
    #[arg(long, value_name = "HOURS", env = "TWOTAKE_UPLOAD_EXPIRY_HOURS")]
    pub upload_expiry_hours: Option<u32>,
    /// Days an original is kept after its renditions are ready [default: 7]
    #[arg(long, value_name = "DAYS", env = "TWOTAKE_KEEP_ORIGINAL_DAYS")]
    pub keep_original_days: Option<u32>,
    /// Make published recordings once more, slowly, in fewer bytes, while the machine has nothing else to do [default: true]
    #[arg(long, value_name = "BOOL", env = "TWOTAKE_SECOND_PASS")]
    pub second_pass: Option<bool>,
    /// Load average per core (1 minute) below which the second pass begins [default: 0.5]
    #[arg(long, value_name = "LOAD", env = "TWOTAKE_SECOND_PASS_LOAD")]
    pub second_pass_load: Option<f64>,
    /// Let the second pass compute only when nobody else does; false for tests on machines that are never idle [default: true]
    #[arg(long, value_name = "BOOL", env = "TWOTAKE_SECOND_PASS_LOWEST", hide = true)]
    pub second_pass_lowest: Option<bool>,
    /// Believe X-Forwarded-For and X-Forwarded-Proto: only behind a proxy that sets them [default: false]
    #[arg(long, value_name = "BOOL", env = "TWOTAKE_TRUST_PROXY")]
    pub trust_proxy: Option<bool>,
    /// Origins that may frame the embed page, besides Slack, Teams and Confluence, separated by commas
    #[arg(long, value_name = "ORIGINS", env = "TWOTAKE_FRAME_ANCESTORS", value_delimiter = ',')]
    pub frame_ancestors: Option<Vec<String>>,
    /// Bearer token that /metrics asks for [default: none, anyone who reaches the port may read it]
    #[arg(long, value_name = "TOKEN", env = "TWOTAKE_METRICS_TOKEN", hide_env_values = true)]
    pub metrics_token: Option<String>,
    /// Key that wakes browsers (web push), as `twotake push-key` prints it; without it browsers are not woken [default: none]
    #[arg(long, value_name = "KEY", env = "TWOTAKE_PUSH_KEY", hide_env_values = true)]
    pub push_key: Option<String>,
    /// Whom a push service asks when something is wrong: https:… or mailto:… [default: the public URL]
    #[arg(long, value_name = "URL", env = "TWOTAKE_PUSH_CONTACT")]
    pub push_contact: Option<String>,
    /// Wake browsers at addresses of this machine too, without TLS; for tests [default: false]
    #[arg(long, value_name = "BOOL", env = "TWOTAKE_PUSH_LOCAL", hide = true)]
    pub push_local: Option<bool>,
    /// Run media work even where the kernel offers no confinement [default: false]
    #[arg(long, value_name = "BOOL", env = "TWOTAKE_ALLOW_UNCONFINED")]
    pub allow_unconfined: Option<bool>,
    /// Binary that media work is done in [default: this one]
    #[arg(long, value_name = "FILE", env = "TWOTAKE_CHILD_BINARY", hide = true)]
    pub child_binary: Option<PathBuf>,
    /// Form of the log [default: pretty]
    #[arg(long, value_enum, env = "TWOTAKE_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// What is logged, as in info,twotake=debug [default: info]
    #[arg(long, value_name = "FILTER", env = "TWOTAKE_LOG")]
    pub log: Option<String>,
}

/// The settings in force.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is documented where it is given, in Args")]
pub struct Config {
    pub data: PathBuf,
    pub listen: SocketAddr,
    /// Without a trailing slash. With port 0 it is completed once the port is known.
    pub public_url: Option<String>,
    pub database: String,
    pub store: String,
    pub s3_access_key: Option<String>,
    pub s3_secret_key: Option<String>,
    pub s3_redirect: bool,
    pub role: Role,
    pub workers: usize,
    pub media_cores: usize,
    pub share_from_s: u32,
    pub lease_ms: Option<u64>,
    pub max_upload_bytes: u64,
    pub quota_bytes: u64,
    pub upload_expiry_hours: u32,
    pub keep_original_days: u32,
    pub second_pass: bool,
    pub second_pass_load: f64,
    pub second_pass_lowest: bool,
    pub trust_proxy: bool,
    pub frame_ancestors: Vec<String>,
    pub metrics_token: Option<String>,
    pub push_key: Option<String>,
    pub push_contact: Option<String>,
    pub push_local: bool,
    pub allow_unconfined: bool,
    pub child_binary: Option<PathBuf>,
    pub log_format: LogFormat,
    pub log: String,
}

impl Config {
    /// Resolves what was given on the command line and in the environment (already merged by clap) with the settings file and the defaults.
    ///
    /// # Errors
    /// A settings file that cannot be read or has an unknown key: a sentence that names it.
    pub fn resolve(args: Args) -> Result<Config, String> {
        let data = args.data.clone().unwrap_or_else(|| PathBuf::from("data"));
        let file = file::read(args.config.as_deref(), &data)?;
        let data = args.data.clone().or_else(|| file.data.clone()).unwrap_or(data);
        macro_rules! pick {
            ($name:ident) => {
                args.$name.clone().or_else(|| file.$name.clone())
            };
        }
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Ok(Config {
            listen: pick!(listen).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url: pick!(public_url).map(|url| url.trim_end_matches('/').to_owned()),
            database: pick!(database).unwrap_or_else(|| format!("sqlite:{}", data.join("twotake.db").display())),
            store: pick!(store).unwrap_or_else(|| format!("file:{}", data.join("store").display())),
            s3_access_key: pick!(s3_access_key),
            s3_secret_key: pick!(s3_secret_key),
            s3_redirect: pick!(s3_redirect).unwrap_or(false),
            role: pick!(role).unwrap_or(Role::All),
            workers: pick!(workers).unwrap_or(cores.max(2)),
            media_cores: pick!(media_cores).unwrap_or(cores).max(1),
            share_from_s: pick!(share_from_s).unwrap_or(40),
            lease_ms: pick!(lease_ms),
            max_upload_bytes: pick!(max_upload_bytes).unwrap_or(2 << 30),
            quota_bytes: pick!(quota_bytes).unwrap_or(20 << 30),
            upload_expiry_hours: pick!(upload_expiry_hours).unwrap_or(24),
            keep_original_days: pick!(keep_original_days).unwrap_or(7),
            second_pass: pick!(second_pass).unwrap_or(true),
            second_pass_load: pick!(second_pass_load).unwrap_or(0.5),
            second_pass_lowest: pick!(second_pass_lowest).unwrap_or(true),
            trust_proxy: pick!(trust_proxy).unwrap_or(false),
            frame_ancestors: pick!(frame_ancestors).unwrap_or_default(),
            metrics_token: pick!(metrics_token),
            push_key: pick!(push_key),
            push_contact: pick!(push_contact),
            push_local: pick!(push_local).unwrap_or(false),
            allow_unconfined: pick!(allow_unconfined).unwrap_or(false),
            child_binary: pick!(child_binary),
            log_format: pick!(log_format).unwrap_or(LogFormat::Pretty),
            log: pick!(log).unwrap_or_else(|| "info".to_owned()),
            data,
        })
    }

    /// The address links are made with: the public one, else the one being listened on.
    #[must_use]
    pub fn origin(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }
}
