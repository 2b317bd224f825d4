/* The printf of agent expressions. Pure. */
#include "agent_print.h"

#include <string.h>

#define WIDTH_MAX     255
#define NUMBER_DIGITS 24 /* 2^64 in octal has 22 */
#define STRING_WINDOW 64

struct directive {
	bool left, plus, space, alternate, zeros;
	int width, precision; /* precision -1: not given */
	unsigned bits;        /* of the argument */
	char conversion;      /* one of d u o x X c s p % */
};

struct output {
	char text[AGENT_PRINT_MAX];
	size_t size;
};

/* ---- the format ---- */

static bool parse_flag(struct directive *directive, char flag)
{
	switch (flag) {
	case '-':
		return directive->left = true;
	case '+':
		return directive->plus = true;
	case ' ':
		return directive->space = true;
	case '#':
		return directive->alternate = true;
	case '0':
		return directive->zeros = true;
	default:
		return false;
	}
}

/* A number of up to three digits, or none at all: then 0. */
static const char *parse_number(const char *at, int *number)
{
	*number = 0;
	while (*at >= '0' && *at <= '9' && *number <= WIDTH_MAX)
		*number = 10 * *number + (*at++ - '0');
	return at;
}

/* The target's sizes: long, size_t and pointers have 32 bits. */
static const char *parse_length(const char *at, unsigned *bits)
{
	static const struct {
		const char *letters;
		unsigned bits;
	} lengths[] = {
		{"hh", 8}, {"h", 16}, {"ll", 64}, {"l", 32}, {"j", 64}, {"z", 32}, {"t", 32}};

	*bits = 32;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t length = strlen(lengths[i].letters);
		if (strncmp(at, lengths[i].letters, length) == 0) {
			*bits = lengths[i].bits;
			return at + length;
		}
	}
	return at;
}

/* What follows a '%'. Returns what follows the directive, or NULL when it is not understood. */
static const char *parse_directive(const char *at, struct directive *directive)
{
	*directive = (struct directive){.precision = -1};
	while (parse_flag(directive, *at))
		at++;
	at = parse_number(at, &directive->width);
	if (*at == '.')
		at = parse_number(at + 1, &directive->precision);
	at = parse_length(at, &directive->bits);
	directive->conversion = *at == 'i' ? 'd' : *at;
	if (!*at || !strchr("diuoxXcsp%", *at))
		return NULL;
	if (directive->width > WIDTH_MAX || directive->precision > WIDTH_MAX)
		return NULL;
	return at + 1;
}

/* What follows a '\'. Returns 0 for what C does not know, or gdb not. */
static char escaped(char letter)
{
	static const char letters[] = "\\abefnrtv\"'?";
	static const char meanings[] = "\\\a\b\033\f\n\r\t\v\"'?";
	const char *found = letter ? strchr(letters, letter) : NULL;

	return found ? meanings[found - letters] : '\0';
}

int agent_print_count(const char *format)
{
	struct directive directive;
	int count = 0;

	while (*format) {
		char character = *format++;
		if (character == '\\' && !escaped(*format++))
			return -1;
		if (character != '%')
			continue;
		format = parse_directive(format, &directive);
		if (!format)
			return -1;
		count += directive.conversion != '%';
	}
	return count;
}

/* ---- the output ---- */

static void put(struct output *output, const char *text, size_t size)
{
	size_t room = sizeof(output->text) - output->size;

	if (size > room)
		size = room;
	memcpy(output->text + output->size, text, size);
	output->size += size;
}

static void repeat(struct output *output, char character, int count)
{
	while (count-- > 0)
		put(output, &character, 1);
}

/* Pads to the width of the directive; `zeros` go between prefix and body. */
static void put_field(struct output *output, const struct directive *directive, const char *prefix,
	int zeros, const char *body, size_t size)
{
	int used = (int)strlen(prefix) + zeros + (int)size;

	if (!directive->left)
		repeat(output, ' ', directive->width - used);
	put(output, prefix, strlen(prefix));
	repeat(output, '0', zeros);
	put(output, body, size);
	if (directive->left)
		repeat(output, ' ', directive->width - used);
}

/* ---- numbers ---- */

/* Writes the digits towards the end of `room`; returns how many. 0 has none. */
static size_t make_digits(char room[NUMBER_DIGITS], uint64_t value, unsigned base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	size_t count = 0;

	for (; value; value /= base)
		room[NUMBER_DIGITS - ++count] = digits[value % base];
	return count;
}

/* How many zeros a number wants before its digits. */
static int leading_zeros(const struct directive *directive, size_t prefix, size_t digits)
{
	int least = directive->precision < 0 ? 1 : directive->precision;
	bool fills = directive->zeros && !directive->left && directive->precision < 0;

	if (directive->conversion == 'o' && directive->alternate && least <= (int)digits)
		least = (int)digits + 1;
	if (fills && directive->width - (int)prefix > least)
		least = directive->width - (int)prefix;
	return least > (int)digits ? least - (int)digits : 0;
}

static void put_number(struct output *output, const struct directive *directive, uint64_t value,
	unsigned base, const char *prefix)
{
	char room[NUMBER_DIGITS];
	size_t count = make_digits(room, value, base, directive->conversion == 'X');
	int zeros = leading_zeros(directive, strlen(prefix), count);

	put_field(output, directive, prefix, zeros, room + NUMBER_DIGITS - count, count);
}

static void put_signed(struct output *output, const struct directive *directive, uint64_t value)
{
	bool negative = value >> 63;
	const char *sign = directive->plus ? "+" : directive->space ? " " : "";

	put_number(output, directive, negative ? 0 - value : value, 10, negative ? "-" : sign);
}

static uint64_t sign_extend(uint64_t value, unsigned bits)
{
	uint64_t sign = UINT64_C(1) << (bits - 1);
	return (value ^ sign) - sign;
}

/* The argument as its type has it. */
static uint64_t narrow(uint64_t value, const struct directive *directive)
{
	if (directive->bits == 64)
		return value;
	value &= (UINT64_C(1) << directive->bits) - 1;
	return directive->conversion == 'd' ? sign_extend(value, directive->bits) : value;
}

static void put_integer(struct output *output, const struct directive *directive, uint64_t argument)
{
	uint64_t value = narrow(argument, directive);
	bool marked = directive->alternate && value;

	switch (directive->conversion) {
	case 'd':
		put_signed(output, directive, value);
		break;
	case 'o':
		put_number(output, directive, value, 8, "");
		break;
	case 'x':
		put_number(output, directive, value, 16, marked ? "0x" : "");
		break;
	case 'X':
		put_number(output, directive, value, 16, marked ? "0X" : "");
		break;
	case 'p':
		put_number(output, directive, value, 16, "0x");
		break;
	default:
		put_number(output, directive, value, 10, "");
		break;
	}
}

/* ---- strings ---- */

/* Reads a string of up to `most` characters of the target; *size is its length. Windows end at
 * round addresses, so that none reaches beyond the memory in which the string ends. */
static enum agent_fault read_string(
	const struct agent *agent, uint32_t address, char *text, size_t most, size_t *size)
{
	*size = 0;
	while (*size < most) {
		size_t window = STRING_WINDOW - address % STRING_WINDOW;
		if (window > most - *size)
			window = most - *size;
		if (agent->is_late(agent->context))
			return AGENT_ENDLESS;
		if (agent->read_memory(agent->context, address, text + *size, window))
			return AGENT_MEMORY;
		const char *end = memchr(text + *size, '\0', window);
		if (end) {
			*size = (size_t)(end - text);
			return AGENT_GOOD;
		}
		address += (uint32_t)window;
		*size += window;
	}
	return AGENT_GOOD;
}

static enum agent_fault put_string(struct output *output, const struct agent *agent,
	const struct directive *directive, uint32_t address)
{
	char text[AGENT_PRINT_MAX];
	size_t most = sizeof(output->text) - output->size, size;

	if (directive->precision >= 0 && (size_t)directive->precision < most)
		most = (size_t)directive->precision;
	if (!address) {
		put_field(output, directive, "", 0, "(null)", strlen("(null)"));
		return AGENT_GOOD;
	}
	enum agent_fault fault = read_string(agent, address, text, most, &size);
	if (!fault)
		put_field(output, directive, "", 0, text, size);
	return fault;
}

/* ---- all of it ---- */

static enum agent_fault put_argument(struct output *output, const struct agent *agent,
	const struct directive *directive, uint64_t argument)
{
	char character = (char)argument;

	if (directive->conversion == 's')
		return put_string(output, agent, directive, (uint32_t)argument);
	if (directive->conversion == 'c')
		put_field(output, directive, "", 0, &character, 1);
	else
		put_integer(output, directive, argument);
	return AGENT_GOOD;
}

enum agent_fault agent_print(
	const struct agent *agent, const char *format, const uint64_t *arguments)
{
	struct output output = {.size = 0};
	struct directive directive;
	enum agent_fault fault = AGENT_GOOD;

	while (*format && !fault) {
		char character = *format++;
		if (character == '%') {
			format = parse_directive(format, &directive);
			if (directive.conversion == '%')
				put(&output, "%", 1);
			else
				fault = put_argument(&output, agent, &directive, *arguments++);
			continue;
		}
		if (character == '\\')
			character = escaped(*format++);
		put(&output, &character, 1);
	}
	agent->print(agent->context, output.text, output.size);
	return fault;
}
