/* Modelled time and the wall clock. See the header. */
#include "pace.h"

#include "board_inside.h"
#include "targets/virtual/chip.h"

#define SLICE_NS    (4 * NS_PER_MS)  /* the board runs on by itself this often */
#define CATCH_UP_NS (50 * NS_PER_MS) /* the most that an active chip makes up for at once */
#define IDLE_GAP_NS (2 * NS_PER_MS)

void pace_init(struct pace *pace, enum pace_mode mode, struct board *board, uint64_t wall_ns)
{
	*pace = (struct pace){
		.mode = mode,
		.board = board,
		.origin_ns = wall_ns - board_now_ns(board),
		.idle_ns = wall_ns,
	};
}

static bool is_active(const struct pace *pace)
{
	return chip_is_active(pace->board->chip) || moments_run(&pace->board->moments);
}

static void follow_real(struct pace *pace, uint64_t wall_ns)
{
	uint64_t now_ns = board_now_ns(pace->board);
	uint64_t target_ns = wall_ns - pace->origin_ns;
	if (target_ns <= now_ns)
		return; /* ahead, by what the wire's work costs */
	uint64_t behind_ns = target_ns - now_ns;
	if (is_active(pace) && behind_ns > CATCH_UP_NS) {
		pace->origin_ns += behind_ns - CATCH_UP_NS;
		behind_ns = CATCH_UP_NS;
	}
	board_run(pace->board, behind_ns);
}

static void follow_free(struct pace *pace, uint64_t wall_ns)
{
	if (wall_ns <= pace->idle_ns)
		return;
	uint64_t idle_ns = wall_ns - pace->idle_ns;
	pace->idle_ns = wall_ns;
	if (is_active(pace))
		board_run(pace->board, idle_ns < CATCH_UP_NS ? idle_ns : CATCH_UP_NS);
}

void pace_follow(struct pace *pace, uint64_t wall_ns)
{
	if (pace->mode == PACE_REAL)
		follow_real(pace, wall_ns);
	else
		follow_free(pace, wall_ns);
}

void pace_worked(struct pace *pace)
{
	pace->worked = true;
}

void pace_wait(struct pace *pace, uint64_t wall_ns)
{
	uint64_t idle_ns = pace->worked ? wall_ns + IDLE_GAP_NS : wall_ns;
	if (pace->idle_ns < idle_ns)
		pace->idle_ns = idle_ns;
	pace->worked = false;
}

uint64_t pace_horizon_ns(const struct pace *pace, uint64_t wall_ns)
{
	return pace->mode == PACE_REAL ? wall_ns - pace->origin_ns : UINT64_MAX;
}

uint64_t pace_wall_ns(const struct pace *pace, uint64_t board_ns)
{
	if (board_ns == UINT64_MAX)
		return PACE_NEVER;
	return pace->mode == PACE_REAL ? pace->origin_ns + board_ns : 0;
}

uint64_t pace_next_ns(const struct pace *pace, uint64_t wall_ns)
{
	return is_active(pace) ? wall_ns + SLICE_NS : PACE_NEVER;
}
