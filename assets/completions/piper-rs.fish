# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_piper_rs_global_optspecs
    string join \n q/quiet v/verbose onnxruntime= espeak= espeak-data= h/help
end

function __fish_piper_rs_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_piper_rs_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_piper_rs_using_subcommand
    set -l cmd (__fish_piper_rs_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c piper-rs -n "__fish_piper_rs_needs_command" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_needs_command" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_needs_command" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_needs_command" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_needs_command" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c piper-rs -n "__fish_piper_rs_needs_command" -f -a "speak" -d 'Speak text: into a file, into a pipe, or aloud'
complete -c piper-rs -n "__fish_piper_rs_needs_command" -f -a "batch" -d 'Turn many texts into WAV files'
complete -c piper-rs -n "__fish_piper_rs_needs_command" -f -a "interactive" -d 'Speak what is typed, and take commands, at a prompt or from a script'
complete -c piper-rs -n "__fish_piper_rs_needs_command" -f -a "i" -d 'Speak what is typed, and take commands, at a prompt or from a script'
complete -c piper-rs -n "__fish_piper_rs_needs_command" -f -a "phonemes" -d 'Show the phonemes of a text, and a voice\'s ids for them'
complete -c piper-rs -n "__fish_piper_rs_needs_command" -f -a "voices" -d 'Find, download, check and hear voices'
complete -c piper-rs -n "__fish_piper_rs_needs_command" -f -a "devices" -d 'List the sound devices'
complete -c piper-rs -n "__fish_piper_rs_needs_command" -f -a "completions" -d 'Print completions for a shell'
complete -c piper-rs -n "__fish_piper_rs_needs_command" -f -a "man" -d 'Print the man page'
complete -c piper-rs -n "__fish_piper_rs_needs_command" -f -a "version" -d 'Print the version, and those of ONNX Runtime and espeak-ng'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -s i -l input-file -l input -d 'Read text from FILE, `-` for standard input; may be repeated' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l encoding -d 'Read the text in this encoding instead of UTF-8, or UTF-16 by its mark' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l line-breaks -d 'What a single line break means' -r -f -a "keep\t'The end of a sentence: the default for standard input'
join\t'White space'
auto\t'White space in wrapped prose, an end elsewhere: the default for files'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -s m -l voice -l model -d 'The voice: a path, or a name to look for; built-in if not given' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -s c -l config -d 'The voice\'s config, if not VOICE.onnx.json' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -s s -l speaker -d 'Who speaks, by name or number' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l speed -d 'How fast: 2 is twice as fast' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l length-scale -d 'How long phonemes last: 2 is half as fast' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l noise-scale -d 'How much the sound varies' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l noise-w -d 'How much the rhythm varies' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l seed -d 'Read the same way every time' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l chunk-size -d 'The most characters worked on at once' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l normalize -d 'What is made equally loud [default: run; with --strict-piper sentence]' -r -f -a "run\t'One gain for all that is said'
sentence\t'Every sentence to full scale, as Piper does'
off\t'Nothing'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l volume -d 'Multiply the loudness' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l sentence-silence -d 'Silence after a sentence [default: 0.2; with --strict-piper 0]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l line-silence -d 'Silence after a line [default: as after a sentence]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l paragraph-silence -d 'Silence after a paragraph [default: 0.5, or as after a line if longer]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l phoneme-silence -d 'Silence after a phoneme, which cuts the sentence there; may be repeated' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -s o -l output -l output-file -d 'Write a WAV file, `-` for standard output' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l raw-format -d 'What raw samples are' -r -f -a "s16le\t'16-bit integers, little-endian'
f32le\t'32-bit floats, little-endian'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l device -d 'Play on this device; see `piper-rs devices`' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -s d -l output-dir -d 'Write a WAV file per line of input into DIR, and print its path' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l output-dir-naming -d 'How files in --output-dir are named' -r -f -a "timestamp\t'By the time, in nanoseconds'
text\t'By the text'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l threads -d 'Threads for one inference [default: the cores, 4 at the most]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l pool-size -d 'Unused audio buffers to keep' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l cache-voices -d 'Loaded voices to keep' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l cache-mb -d 'Memory for loaded voices, in megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l prepared-mb -d 'Room for prepared voices on disk, in megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l stats -d 'Report statistics at the end' -r -f -a "text\t'For people'
json\t'One JSON object'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l ahead -d 'Blocks of audio made ahead of the output' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l tashkeel-model -d 'No effect: Arabic is read as it is written' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l download-dir -d 'No effect: nothing is downloaded' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l json-input -d 'Read JSON lines: text, and optionally speaker, speaker_id, output_file, voice, speed, length_scale, noise_scale, noise_w, volume'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l strict-piper -d 'Do as piper-tts does, its faults included'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l no-paragraphs -d 'Do not pause at blank lines'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l no-sentences -d 'Do not speak sentence by sentence'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l no-normalize -d 'The same as --normalize off'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l raw -l output-raw -d 'Write raw samples to standard output'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l play -d 'Play it: the default where no other output is asked for'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l no-prepare -d 'Do not keep voices prepared for a fast start'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l cuda -d 'No effect: speech is made on the CPU'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -l update-voices -d 'No effect: nothing is downloaded'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand speak" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l glob -d 'In folders, take the files that match PATTERN; may be repeated' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l lines -d 'Make a file of every line of FILE, `-` for standard input' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l manifest -d 'Make what FILE lists, as JSON lines or CSV' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l encoding -d 'Read the text in this encoding instead of UTF-8, or UTF-16 by its mark' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l line-breaks -d 'What a single line break means' -r -f -a "keep\t'The end of a sentence: the default for standard input'
join\t'White space'
auto\t'White space in wrapped prose, an end elsewhere: the default for files'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -s m -l voice -l model -d 'The voice: a path, or a name to look for; built-in if not given' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -s c -l config -d 'The voice\'s config, if not VOICE.onnx.json' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -s s -l speaker -d 'Who speaks, by name or number' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l speed -d 'How fast: 2 is twice as fast' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l length-scale -d 'How long phonemes last: 2 is half as fast' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l noise-scale -d 'How much the sound varies' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l noise-w -d 'How much the rhythm varies' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l seed -d 'Read the same way every time' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l chunk-size -d 'The most characters worked on at once' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l normalize -d 'What is made equally loud [default: run; with --strict-piper sentence]' -r -f -a "run\t'One gain for all that is said'
sentence\t'Every sentence to full scale, as Piper does'
off\t'Nothing'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l volume -d 'Multiply the loudness' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l sentence-silence -d 'Silence after a sentence [default: 0.2; with --strict-piper 0]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l line-silence -d 'Silence after a line [default: as after a sentence]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l paragraph-silence -d 'Silence after a paragraph [default: 0.5, or as after a line if longer]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l phoneme-silence -d 'Silence after a phoneme, which cuts the sentence there; may be repeated' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -s d -l output-dir -d 'Write the files into DIR, folders as they are below the input' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l name -d 'How files are named [default: {stem}; of lines {n:04}; {id} where there is one]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l join -d 'Make one WAV file of all of them too' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l chapters -d 'How the parts of the joined file are listed beside it' -r -f -a "cue\t'A cue sheet, FILE.cue'
ffmetadata\t'Chapters as ffmpeg reads them, FILE.ffmetadata'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -s j -l jobs -d 'Texts worked on at once [default: the cores]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l events -d 'Tell on standard output what happens, as it does' -r -f -a "json\t'One JSON object per event'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l threads -d 'Threads for one inference [default: the cores, 4 at the most]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l pool-size -d 'Unused audio buffers to keep' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l cache-voices -d 'Loaded voices to keep' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l cache-mb -d 'Memory for loaded voices, in megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l prepared-mb -d 'Room for prepared voices on disk, in megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l stats -d 'Report statistics at the end' -r -f -a "text\t'For people'
json\t'One JSON object'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l strict-piper -d 'Do as piper-tts does, its faults included'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l no-paragraphs -d 'Do not pause at blank lines'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l no-sentences -d 'Do not speak sentence by sentence'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l no-normalize -d 'The same as --normalize off'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l overwrite -d 'Replace files that are there and are not what would be made'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l force -d 'Make everything anew, whatever is there'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l fail-fast -d 'Stop at the first text that fails'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l dry-run -d 'List what would be done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -l no-prepare -d 'Do not keep voices prepared for a fast start'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand batch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l preload -d 'Load VOICE in the background, so that `:voice` has it at once; may be repeated' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -s m -l voice -l model -d 'The voice: a path, or a name to look for; built-in if not given' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -s c -l config -d 'The voice\'s config, if not VOICE.onnx.json' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -s s -l speaker -d 'Who speaks, by name or number' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l speed -d 'How fast: 2 is twice as fast' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l length-scale -d 'How long phonemes last: 2 is half as fast' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l noise-scale -d 'How much the sound varies' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l noise-w -d 'How much the rhythm varies' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l seed -d 'Read the same way every time' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l chunk-size -d 'The most characters worked on at once' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l normalize -d 'What is made equally loud [default: run; with --strict-piper sentence]' -r -f -a "run\t'One gain for all that is said'
sentence\t'Every sentence to full scale, as Piper does'
off\t'Nothing'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l volume -d 'Multiply the loudness' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l sentence-silence -d 'Silence after a sentence [default: 0.2; with --strict-piper 0]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l line-silence -d 'Silence after a line [default: as after a sentence]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l paragraph-silence -d 'Silence after a paragraph [default: 0.5, or as after a line if longer]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l phoneme-silence -d 'Silence after a phoneme, which cuts the sentence there; may be repeated' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -s o -l output -l output-file -d 'Write a WAV file, `-` for standard output' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l raw-format -d 'What raw samples are' -r -f -a "s16le\t'16-bit integers, little-endian'
f32le\t'32-bit floats, little-endian'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l device -d 'Play on this device; see `piper-rs devices`' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l threads -d 'Threads for one inference [default: the cores, 4 at the most]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l pool-size -d 'Unused audio buffers to keep' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l cache-voices -d 'Loaded voices to keep' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l cache-mb -d 'Memory for loaded voices, in megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l prepared-mb -d 'Room for prepared voices on disk, in megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l stats -d 'Report statistics at the end' -r -f -a "text\t'For people'
json\t'One JSON object'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l ahead -d 'Blocks of audio made ahead of the output' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l no-history -d 'Neither read nor write the history of typed lines'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l json -d 'Read lines without a prompt, reply in JSON on standard output'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l strict-piper -d 'Do as piper-tts does, its faults included'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l no-paragraphs -d 'Do not pause at blank lines'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l no-sentences -d 'Do not speak sentence by sentence'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l no-normalize -d 'The same as --normalize off'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l raw -l output-raw -d 'Write raw samples to standard output'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l play -d 'Play it: the default where no other output is asked for'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -l no-prepare -d 'Do not keep voices prepared for a fast start'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand interactive" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l preload -d 'Load VOICE in the background, so that `:voice` has it at once; may be repeated' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -s m -l voice -l model -d 'The voice: a path, or a name to look for; built-in if not given' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -s c -l config -d 'The voice\'s config, if not VOICE.onnx.json' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -s s -l speaker -d 'Who speaks, by name or number' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l speed -d 'How fast: 2 is twice as fast' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l length-scale -d 'How long phonemes last: 2 is half as fast' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l noise-scale -d 'How much the sound varies' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l noise-w -d 'How much the rhythm varies' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l seed -d 'Read the same way every time' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l chunk-size -d 'The most characters worked on at once' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l normalize -d 'What is made equally loud [default: run; with --strict-piper sentence]' -r -f -a "run\t'One gain for all that is said'
sentence\t'Every sentence to full scale, as Piper does'
off\t'Nothing'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l volume -d 'Multiply the loudness' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l sentence-silence -d 'Silence after a sentence [default: 0.2; with --strict-piper 0]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l line-silence -d 'Silence after a line [default: as after a sentence]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l paragraph-silence -d 'Silence after a paragraph [default: 0.5, or as after a line if longer]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l phoneme-silence -d 'Silence after a phoneme, which cuts the sentence there; may be repeated' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -s o -l output -l output-file -d 'Write a WAV file, `-` for standard output' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l raw-format -d 'What raw samples are' -r -f -a "s16le\t'16-bit integers, little-endian'
f32le\t'32-bit floats, little-endian'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l device -d 'Play on this device; see `piper-rs devices`' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l threads -d 'Threads for one inference [default: the cores, 4 at the most]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l pool-size -d 'Unused audio buffers to keep' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l cache-voices -d 'Loaded voices to keep' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l cache-mb -d 'Memory for loaded voices, in megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l prepared-mb -d 'Room for prepared voices on disk, in megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l stats -d 'Report statistics at the end' -r -f -a "text\t'For people'
json\t'One JSON object'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l ahead -d 'Blocks of audio made ahead of the output' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l no-history -d 'Neither read nor write the history of typed lines'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l json -d 'Read lines without a prompt, reply in JSON on standard output'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l strict-piper -d 'Do as piper-tts does, its faults included'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l no-paragraphs -d 'Do not pause at blank lines'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l no-sentences -d 'Do not speak sentence by sentence'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l no-normalize -d 'The same as --normalize off'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l raw -l output-raw -d 'Write raw samples to standard output'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l play -d 'Play it: the default where no other output is asked for'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -l no-prepare -d 'Do not keep voices prepared for a fast start'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand i" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -l espeak-voice -d 'espeak-ng\'s voice; the Piper voice\'s own if not given' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -s m -l voice -l model -d 'The voice: a path, or a name to look for; built-in if not given' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -s c -l config -d 'The voice\'s config, if not VOICE.onnx.json' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -s s -l speaker -d 'Who speaks, by name or number' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -l json -d 'One JSON object per line of input'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -l ids -d 'Show the voice\'s ids too'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -l strict-piper -d 'Do as piper-phonemize does, its faults included'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand phonemes" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -f -a "list" -d 'List the voices that are installed, or can be had'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -f -a "search" -d 'Search the catalogue of voices that can be had'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -f -a "info" -d 'Tell all that is known of a voice'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -f -a "get" -d 'Download voices'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -f -a "verify" -d 'Check installed voices: their md5, and whether they speak'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -f -a "remove" -d 'Delete installed voices'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -f -a "path" -d 'Print where a voice\'s model is'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -f -a "prepare" -d 'Prepare voices for a fast start, or see and clear what is prepared'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and not __fish_seen_subcommand_from list search info get verify remove path prepare audition" -f -a "audition" -d 'Hear one sentence by several speakers or voices'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -l language -d 'Only this language: `de`, `de_AT` or `German`; may be repeated' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -l quality -d 'Only this quality; may be repeated' -r -f -a "x_low\t'16 kHz, the smallest'
low\t'16 kHz'
medium\t'22 kHz'
high\t'22 kHz, the largest'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -l speakers -d 'Only with so many speakers: `1`, `2-`, `2-10`' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -l max-size -d 'Only models up to so many megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -l catalogue -d 'The list of voices; their files lie beside it' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -l available -d 'List the voices of the catalogue instead'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -l json -d 'One JSON object per voice'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -l update -d 'Fetch the catalogue anew first'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -l language -d 'Only this language: `de`, `de_AT` or `German`; may be repeated' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -l quality -d 'Only this quality; may be repeated' -r -f -a "x_low\t'16 kHz, the smallest'
low\t'16 kHz'
medium\t'22 kHz'
high\t'22 kHz, the largest'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -l speakers -d 'Only with so many speakers: `1`, `2-`, `2-10`' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -l max-size -d 'Only models up to so many megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -l catalogue -d 'The list of voices; their files lie beside it' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -l json -d 'One JSON object per voice'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -l update -d 'Fetch the catalogue anew first'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from search" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from info" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from info" -l catalogue -d 'The list of voices; their files lie beside it' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from info" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from info" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from info" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from info" -l json -d 'One JSON object'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from info" -l update -d 'Fetch the catalogue anew first'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from info" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from get" -l data-dir -d 'Put them into DIR [default: voices in the user\'s data folder]' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from get" -l catalogue -d 'The list of voices; their files lie beside it' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from get" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from get" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from get" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from get" -l force -d 'Download them even if they are here, whole'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from get" -l update -d 'Fetch the catalogue anew first'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from verify" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from verify" -l catalogue -d 'The list of voices; their files lie beside it' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from verify" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from verify" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from verify" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from verify" -l json -d 'One JSON object per voice'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from remove" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from remove" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from remove" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from remove" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Do not ask'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from path" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from path" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from path" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from path" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from prepare" -l prepared-mb -d 'Room for prepared voices on disk, in megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from prepare" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from prepare" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from prepare" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from prepare" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from prepare" -l list -d 'List what is prepared instead'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from prepare" -l json -d 'With --list, one JSON object per voice'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from prepare" -l clear -d 'Delete what is prepared instead'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from prepare" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from prepare" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from prepare" -s h -l help -d 'Print help'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l with -d 'These voices, besides -m; may be repeated' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l speakers -d 'These speakers, by numbers, ranges and names: `0-9,alice`' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l limit -d 'Of a voice without --speakers, hear so many' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -s d -l output-dir -d 'Write a file for each into DIR, named after voice and speaker' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -s o -l output -l output-file -d 'Write a WAV file, `-` for standard output' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l raw-format -d 'What raw samples are' -r -f -a "s16le\t'16-bit integers, little-endian'
f32le\t'32-bit floats, little-endian'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l device -d 'Play on this device; see `piper-rs devices`' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -s m -l voice -l model -d 'The voice: a path, or a name to look for; built-in if not given' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -s c -l config -d 'The voice\'s config, if not VOICE.onnx.json' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l data-dir -d 'Look for voices in DIR, before the usual folders; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -s s -l speaker -d 'Who speaks, by name or number' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l speed -d 'How fast: 2 is twice as fast' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l length-scale -d 'How long phonemes last: 2 is half as fast' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l noise-scale -d 'How much the sound varies' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l noise-w -d 'How much the rhythm varies' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l seed -d 'Read the same way every time' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l chunk-size -d 'The most characters worked on at once' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l normalize -d 'What is made equally loud [default: run; with --strict-piper sentence]' -r -f -a "run\t'One gain for all that is said'
sentence\t'Every sentence to full scale, as Piper does'
off\t'Nothing'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l volume -d 'Multiply the loudness' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l sentence-silence -d 'Silence after a sentence [default: 0.2; with --strict-piper 0]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l line-silence -d 'Silence after a line [default: as after a sentence]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l paragraph-silence -d 'Silence after a paragraph [default: 0.5, or as after a line if longer]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l phoneme-silence -d 'Silence after a phoneme, which cuts the sentence there; may be repeated' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l threads -d 'Threads for one inference [default: the cores, 4 at the most]' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l pool-size -d 'Unused audio buffers to keep' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l cache-voices -d 'Loaded voices to keep' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l cache-mb -d 'Memory for loaded voices, in megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l prepared-mb -d 'Room for prepared voices on disk, in megabytes' -r
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l stats -d 'Report statistics at the end' -r -f -a "text\t'For people'
json\t'One JSON object'"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l raw -l output-raw -d 'Write raw samples to standard output'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l play -d 'Play it: the default where no other output is asked for'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l strict-piper -d 'Do as piper-tts does, its faults included'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l no-paragraphs -d 'Do not pause at blank lines'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l no-sentences -d 'Do not speak sentence by sentence'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l no-normalize -d 'The same as --normalize off'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -l no-prepare -d 'Do not keep voices prepared for a fast start'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand voices; and __fish_seen_subcommand_from audition" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand devices" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand devices" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand devices" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand devices" -l json -d 'One JSON object per device'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand devices" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand devices" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand devices" -s h -l help -d 'Print help'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand completions" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand completions" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand completions" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand completions" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand completions" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand completions" -s h -l help -d 'Print help'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand man" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand man" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand man" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand man" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand man" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand man" -s h -l help -d 'Print help'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand version" -l onnxruntime -d 'Use this ONNX Runtime library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand version" -l espeak -d 'Use this espeak-ng library' -r -F
complete -c piper-rs -n "__fish_piper_rs_using_subcommand version" -l espeak-data -d 'Use the espeak-ng-data in this folder' -r -f -a "(__fish_complete_directories)"
complete -c piper-rs -n "__fish_piper_rs_using_subcommand version" -s q -l quiet -d 'Say nothing but errors'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand version" -s v -l verbose -d 'Say more about what is done'
complete -c piper-rs -n "__fish_piper_rs_using_subcommand version" -s h -l help -d 'Print help'
