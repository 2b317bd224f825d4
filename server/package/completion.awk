# Makes a completion for bash or zsh out of a program's --help, so that there is one text.
#
#   PROGRAM --help | awk -v name=PROGRAM -v shell=bash|zsh -f completion.awk
#
# Used by server/package/CMakeLists.txt. Written from bash(1), "Programmable Completion", and
# zshcompsys(1), _arguments.

function quote(text) {
	gsub(/'/, "'\\''", text)
	gsub(/\[|\]|:/, "\\\\&", text)
	return text
}

function add(word, value, text) {
	count++
	words[count] = word
	values[count] = value
	texts[count] = text
}

/^ +(-[a-zA-Z], )?--[a-z]/ {
	match($0, /--[a-z-]+( [^ ]+)?/)
	words_of = substr($0, RSTART, RLENGTH)
	rest = substr($0, RSTART + RLENGTH)
	sub(/^ +/, "", rest)
	split(words_of, parts, " ")
	if (rest ~ /^, --/) {
		add(parts[1], "", "")
		add(substr(rest, 3), "", "")
	} else {
		add(parts[1], parts[2], rest)
	}
}

/^ +[a-z-]+ flash / {
	has_flash = 1
}

function is_file(value) {
	return value ~ /FILE|PATH|DIRECTORY/
}

function bash(i, all, files, choices) {
	for (i = 1; i <= count; i++) {
		all = all " " words[i]
		if (is_file(values[i]))
			files = files (files ? "|" : "") words[i]
		else if (values[i] ~ /^[a-z0-9-]+(\|[a-z0-9-]+)+$/) {
			gsub(/\|/, " ", values[i])
			choices = choices "\t" words[i] ")\n\t\tCOMPREPLY=($(compgen -W \"" \
				values[i] "\" -- \"$word\"))\n\t\treturn\n\t\t;;\n"
		}
	}
	print "# bash completion for " name ": made from its --help"
	print "_" function_name "()"
	print "{"
	print "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}"
	print "\tcase $before in"
	if (files || has_flash)
		print "\t" files (files && has_flash ? "|" : "") (has_flash ? "flash" : "") \
			")\n\t\tCOMPREPLY=($(compgen -f -- \"$word\"))\n\t\treturn\n\t\t;;"
	printf "%s", choices
	print "\tesac"
	print "\tCOMPREPLY=($(compgen -W \"" substr(all, 2) (has_flash ? " flash" : "") \
		"\" -- \"$word\"))"
	print "}"
	print "complete -o filenames -F _" function_name " " name
}

function zsh(i, action) {
	print "#compdef " name
	print "# made from its --help"
	print "_arguments \\"
	for (i = 1; i <= count; i++) {
		action = ""
		if (values[i])
			action = ":" quote(values[i]) ":" (is_file(values[i]) ? "_files" : "")
		print "\t'" words[i] "[" quote(texts[i]) "]" action "' \\"
	}
	if (has_flash)
		print "\t'1:command:(flash)' \\"
	print "\t'*:file:_files'"
}

END {
	function_name = name
	gsub(/-/, "_", function_name)
	if (shell == "bash")
		bash()
	else
		zsh()
}
