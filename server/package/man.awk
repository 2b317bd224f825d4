# Makes a manual page, section 1, out of a program's --help, so that there is one text.
#
#   PROGRAM --help | awk -v name=PROGRAM -v version=V -v about="one line" -f man.awk
#
# Used by server/package/CMakeLists.txt. Requests: groff_man(7).

function escape(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	sub(/^[.']/, "\\\\\\&&", text)
	return text
}

function section(title) {
	print ".SH " title
	current = title
}

function option(line, words) {
	match(line, /^ *(-[a-zA-Z], )?--[a-z-]+( [^ ]+)?/)
	words = substr(line, 1, RLENGTH)
	line = substr(line, RLENGTH + 1)
	sub(/^ +/, "", words)
	sub(/^ +/, "", line)
	if (line ~ /^, --/) {
		option(words "  ")
		option(substr(line, 3) "  ")
		return
	}
	print ".TP"
	print ".B " escape(words)
	print escape(line)
}

BEGIN {
	printf ".TH %s 1 \"\" \"%s %s\" \"User Commands\"\n", toupper(name), name, version
	section("NAME")
	print name " \\- " escape(about)
}

tolower($1) == "usage:" {
	section("SYNOPSIS")
	sub(/^[Uu]sage: /, "")
	print ".nf"
	print escape($0)
	next
}

current == "SYNOPSIS" && /^ / {
	sub(/^ +/, "")
	print escape($0)
	next
}

current == "SYNOPSIS" {
	print ".fi"
	section("DESCRIPTION")
}

/^ +(-[a-zA-Z], )?--[a-z]/ {
	if (current != "OPTIONS")
		section("OPTIONS")
	option($0)
	next
}

/^[A-Z][a-z ]+:$/ {
	sub(/:$/, "")
	section("\"" toupper($0) "\"")
	next
}

/^  [0-9]/ {
	print ".TP"
	print ".B " $1
	sub(/^ *[0-9]+ +/, "")
	print escape($0)
	next
}

/^$/ {
	next
}

{
	if (current == "OPTIONS")
		section("NOTES")
	if (current == "NOTES")
		print ".PP"
	print escape($0)
}
