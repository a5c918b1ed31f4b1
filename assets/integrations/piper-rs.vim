" Speaks the selected lines, or the whole buffer: `:Speak`, `:'<,'>Speak`,
" `:%Speak -o book.wav`. Source it from ~/.vimrc.
command! -range=% -nargs=* Speak <line1>,<line2>write !piper-rs speak --quiet <args>
