//! What the man page says of environment variables and files.

/// The environment variables that a user may set, and their meanings. The README
/// has the same table.
pub(crate) const VARIABLES: [(&str, &str); 15] = [
    (
        "ORT_DYLIB_PATH",
        "ONNX Runtime library; `--onnxruntime` overrides it",
    ),
    (
        "ESPEAK_DATA_PATH",
        "espeak-ng data; `--espeak-data` overrides it",
    ),
    (
        "PIPER_VOICE",
        "voice, as a path or a name; `-m` overrides it",
    ),
    (
        "PIPER_VOICE_DIR",
        "folders with voices, separated by colons; `--data-dir` comes first",
    ),
    (
        "PIPER_CATALOGUE",
        "catalogue of voices; `--catalogue` overrides it",
    ),
    (
        "PIPER_CACHE_VOICES, PIPER_CACHE_MB",
        "limits of loaded voices",
    ),
    ("PIPER_PREPARED_MB", "limit of prepared voices on disk"),
    (
        "http_proxy, https_proxy, all_proxy, no_proxy",
        "proxies for downloads",
    ),
    (
        "SSL_CERT_FILE, SSL_CERT_DIR",
        "certificates to trust instead of the system's",
    ),
    (
        "XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME, XDG_CACHE_HOME",
        "folders to use instead of `~/.config`, `~/.local/share`, `~/.local/state` and `~/.cache`",
    ),
    (
        "SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX",
        "the task of an array job, for `batch --shard auto`, with the variables beside them",
    ),
    (
        "SLURM_CPUS_PER_TASK, SLURM_CPUS_ON_NODE",
        "the most cores to use, also if the machine has more",
    ),
    (
        "XDG_RUNTIME_DIR",
        "folder of the socket of `piper-rs serve`, and of `speak --connect`",
    ),
    (
        "LISTEN_FDS, LISTEN_FDNAMES",
        "the sockets that systemd passes to `serve`; a TCP socket with `wyoming` in its name is for Wyoming",
    ),
    ("NO_COLOR", "no colour"),
];

/// The files of a user, and what is in them.
pub(crate) const FILES: [(&str, &str); 8] = [
    (
        "~/.config/piper-rs/config.toml",
        "defaults; see `piper-rs config`",
    ),
    (
        "~/.local/share/piper-rs/voices",
        "downloaded voices: `NAME.onnx` and `NAME.onnx.json`",
    ),
    (
        "~/.local/share/piper-rs/lib",
        "libraries of your own: ONNX Runtime, espeak-ng",
    ),
    (
        "~/.local/state/piper-rs/history",
        "what was typed into `piper-rs interactive`; only the user can read it",
    ),
    (
        "~/.cache/piper-rs/prepared",
        "prepared voices; `piper-rs voices prepare --clear` deletes them",
    ),
    (
        "~/.cache/piper-rs/catalogues",
        "downloaded catalogues of voices",
    ),
    (
        "PREFIX/share/piper-rs/voices",
        "the default voice, installed with the program in `PREFIX/bin`; without it, the built-in \
         voice speaks",
    ),
    (
        "DIR/.piper-rs-journal.jsonl, DIR/.piper-rs-journal.I-of-N.jsonl",
        "what `piper-rs batch -d DIR` has finished; without it, files that exist are not recognised, and none is replaced without `--overwrite` or `--force`",
    ),
];
