#!/usr/bin/env bash
# Installs under $DESTDIR$PREFIX, or removes what was installed there:
# install.sh install TARGET_DIR, or install.sh uninstall
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source setup/say.sh

# Installed files are readable by everyone, whatever the umask.
umask 022

# Only bash replaces the tilde in `make install PREFIX=~/.local`.
prefix=${PREFIX:-/usr/local}
# shellcheck disable=SC2088 # a tilde as typed
case "$prefix" in
    "~/"*) prefix=$HOME/${prefix#"~/"} ;;
esac
readonly ROOT=${DESTDIR:-}$prefix

# ONNX Runtime with its licenses, where bin/piper-rs looks for it. Nothing else uses it.
readonly LIBRARIES=$ROOT/lib/piper-rs

# Each file except ONNX Runtime: mode, source, destination.
readonly FILES="\
755 release/piper-rs                  bin/piper-rs
644 man/piper-rs.1                    share/man/man1/piper-rs.1
644 assets/completions/piper-rs.bash  share/bash-completion/completions/piper-rs
644 assets/completions/_piper-rs      share/zsh/site-functions/_piper-rs
644 assets/completions/piper-rs.fish  share/fish/vendor_completions.d/piper-rs.fish
644 assets/integrations/README.md             share/piper-rs/integrations/README.md
755 assets/integrations/sd_piper-rs           libexec/speech-dispatcher-modules/sd_piper-rs
644 assets/integrations/notify.sh             share/piper-rs/integrations/notify.sh
755 assets/integrations/post-commit           share/piper-rs/integrations/post-commit
644 assets/integrations/piper-rs.vim          share/piper-rs/integrations/piper-rs.vim
644 assets/integrations/tmux.conf             share/piper-rs/integrations/tmux.conf
644 assets/integrations/piper-rs.socket       share/piper-rs/integrations/piper-rs.socket
644 assets/integrations/piper-rs.service      share/piper-rs/integrations/piper-rs.service
755 assets/integrations/openai-client.py      share/piper-rs/integrations/openai-client.py
755 assets/integrations/read-along.py         share/piper-rs/integrations/read-along.py
644 assets/clusters/README.md         share/piper-rs/clusters/README.md
755 assets/clusters/sbatch.sh         share/piper-rs/clusters/sbatch.sh
755 assets/clusters/parallel.sh       share/piper-rs/clusters/parallel.sh
644 assets/clusters/job.yaml          share/piper-rs/clusters/job.yaml
644 docs/scale.md                     share/doc/piper-rs/scale.md
644 LICENSE                           share/doc/piper-rs/LICENSE
644 assets/voice/LICENSE              share/doc/piper-rs/LICENSE.voice"

# What older versions installed: a module that needed a process for each message.
readonly RETIRED="\
share/piper-rs/integrations/piper-rs-generic.conf
share/piper-rs/integrations/speech-dispatcher.sh"

# The module of speech-dispatcher, and where speech-dispatcher looks for modules, besides
# ~/.local/libexec.
readonly MODULE=$ROOT/libexec/speech-dispatcher-modules/sd_piper-rs
readonly MODULE_FOLDERS=${SPEECHD_MODULES:-/usr/lib/speech-dispatcher-modules /usr/libexec/speech-dispatcher-modules}

# The default voice with its licence, if set-up made it: source, destination. It is
# installed after its config, so that a voice that is there is complete.
readonly VOICE_NAME=en_US-heart-medium
readonly VOICE_FILES="\
$VOICE_NAME.onnx.json  share/piper-rs/voices/$VOICE_NAME.onnx.json
$VOICE_NAME.onnx       share/piper-rs/voices/$VOICE_NAME.onnx
LICENSE                share/doc/piper-rs/LICENSE.$VOICE_NAME
NOTICE                 share/doc/piper-rs/NOTICE.$VOICE_NAME"

# The program is in cargo's target folder, the rest in the repository.
source_of() {
    case "$1" in
        release/*) echo "$target/$1" ;;
        *) echo "$1" ;;
    esac
}

check_built() {
    local mode from to
    while read -r mode from to; do
        [ -f "$(source_of "$from")" ] || refuse "$(source_of "$from") is missing" \
            "run make build first (as yourself, not as root), then make install"
    done <<<"$FILES"
}

check_writable() {
    mkdir -p "$ROOT" 2>/dev/null || true
    [ -w "$ROOT" ] || refuse "cannot write to $ROOT" \
        "run sudo make install, or choose a folder of your own: make install PREFIX=~/.local"
}

# Under a temporary name first, so that a running program keeps its file.
put() {
    local mode=$1 from=$2 to=$3
    mkdir -p "$(dirname "$to")"
    cp "$from" "$to.new"
    chmod "$mode" "$to.new"
    mv -f "$to.new" "$to"
    say "installed $to"
}

put_libraries() {
    rm -rf "$LIBRARIES.new"
    mkdir -p "$(dirname "$LIBRARIES")"
    cp -RP "$target/lib/piper-rs/." "$LIBRARIES.new"
    chmod -R a+rX "$LIBRARIES.new"
    rm -rf "$LIBRARIES"
    mv "$LIBRARIES.new" "$LIBRARIES"
    say "installed $LIBRARIES (ONNX Runtime)"
}

# With VOICE=none, an older installation loses its voice. Without set-up's voice for
# another reason, it keeps it.
put_voice() {
    local voices=$target/release/share/piper-rs/voices from to
    if [ "${VOICE:-}" = none ]; then
        remove_voice
    elif [ -f "$voices/$VOICE_NAME.onnx" ]; then
        while read -r from to; do
            put 644 "$voices/$from" "$ROOT/$to"
        done <<<"$VOICE_FILES"
    elif [ -f "$ROOT/share/piper-rs/voices/$VOICE_NAME.onnx" ]; then
        say "no default voice was made (see make build): that of the older installation stays"
    else
        say "no default voice was made (see make build): the small voice that is built in speaks"
    fi
}

remove_voice() {
    local from to
    while read -r from to; do
        rm -f "$ROOT/$to"
    done <<<"$VOICE_FILES"
    # Other voices are the user's: with PREFIX=~/.local it is their folder, too.
    rmdir "$ROOT/share/piper-rs/voices" 2>/dev/null || true
}

install_all() {
    check_built
    check_writable
    local mode from to
    while read -r mode from to; do
        put "$mode" "$(source_of "$from")" "$ROOT/$to"
    done <<<"$FILES"
    name_program
    remove_retired
    put_libraries
    put_voice
    link_module
    say_how_to_run
}

# The service runs the program that was installed with it, not one in ~/.local.
name_program() {
    local unit=$ROOT/share/piper-rs/integrations/piper-rs.service
    sed "s|%h/.local/bin/piper-rs|$prefix/bin/piper-rs|" "$unit" >"$unit.new"
    chmod 644 "$unit.new"
    mv -f "$unit.new" "$unit"
}

remove_retired() {
    local file
    for file in $RETIRED; do
        rm -f "$ROOT/$file"
    done
}

# Lets speech-dispatcher find its module, or says how.
link_module() {
    # A package is for /usr, where speech-dispatcher looks.
    [ -z "${DESTDIR:-}" ] || return 0
    local folder
    [ "$prefix" != "$HOME/.local" ] || return 0
    for folder in $MODULE_FOLDERS; do
        [ "$folder/sd_piper-rs" != "$MODULE" ] || return 0
        if [ -d "$folder" ] && [ -w "$folder" ] && is_ours_or_none "$folder/sd_piper-rs"; then
            case "$prefix" in "$HOME"/*) continue ;; esac
            ln -sfn "$MODULE" "$folder/sd_piper-rs"
            say "installed $folder/sd_piper-rs, a link to it"
            return 0
        fi
    done
    say "for speech-dispatcher and Orca, add this line to ~/.config/speech-dispatcher/speechd.conf:"
    printf '       AddModule "piper-rs" "%s"\n' "$MODULE" >&2
}

is_ours_or_none() {
    if [ -e "$1" ] || [ -L "$1" ]; then [ "$(readlink "$1")" = "$MODULE" ]; fi
}

# A program in a folder outside PATH is found only by its path.
say_how_to_run() {
    # For a package, PATH is that of another machine.
    [ -z "${DESTDIR:-}" ] || return 0
    local bin=$ROOT/bin
    case ":$PATH:" in
        *":$bin:"*) say "run it: piper-rs speak \"Hello.\"" ;;
        *)
            say "$bin is not in PATH; run $bin/piper-rs, or add this line to ~/.profile and log in again:"
            # shellcheck disable=SC2016
            printf '       export PATH="%s:$PATH"\n' "$bin" >&2
            ;;
    esac
    local found
    found=$(command -v piper-rs || true)
    if [ -n "$found" ] && ! [ "$found" -ef "$bin/piper-rs" ]; then
        say "note: piper-rs in your shell is $found, which comes first in PATH"
    fi
}

uninstall_all() {
    local mode from to
    while read -r mode from to; do
        rm -f "$ROOT/$to"
    done <<<"$FILES"
    local folder
    for folder in $MODULE_FOLDERS; do
        if [ -L "$folder/sd_piper-rs" ] && is_ours_or_none "$folder/sd_piper-rs"; then
            rm -f "$folder/sd_piper-rs"
        fi
    done
    rm -rf "$LIBRARIES"
    remove_retired
    remove_voice
    rmdir "$ROOT/libexec/speech-dispatcher-modules" 2>/dev/null || true
    rmdir "$ROOT/share/piper-rs/integrations" "$ROOT/share/piper-rs/clusters" 2>/dev/null || true
    rmdir "$ROOT/share/piper-rs" 2>/dev/null || true
    rmdir "$ROOT/share/doc/piper-rs" 2>/dev/null || true
    say "removed piper-rs from $ROOT"
}

case "${1:-}" in
    install)
        readonly target=${2:?"install needs cargo's target folder"}
        install_all
        ;;
    uninstall) uninstall_all ;;
    *) refuse "install.sh install TARGET_DIR, or install.sh uninstall" ;;
esac
