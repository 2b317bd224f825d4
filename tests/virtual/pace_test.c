/* Modelled time against the wall clock (stlink_board/pace.c). The wall is a number here. */
#include "bench.h"
#include "pace.h"

#define MS    1000000ULL
#define START (1000 * MS)

static int setup(void **state)
{
	*state = bench_create("v21", NULL, false);
	return 0;
}

static int teardown(void **state)
{
	bench_destroy(*state);
	return 0;
}

static uint64_t now(void **state)
{
	return board_now_ns(((struct bench *)*state)->board);
}

static struct pace pace_of(void **state, enum pace_mode mode)
{
	struct pace pace;
	pace_init(&pace, mode, ((struct bench *)*state)->board, START);
	return pace;
}

/* ---- real ---- */

static void real_time_is_the_wall(void **state)
{
	struct pace pace = pace_of(state, PACE_REAL);
	pace_follow(&pace, START + 7 * MS);
	assert_int_equal(now(state), 7 * MS);
	pace_follow(&pace, START + 7 * MS);
	assert_int_equal(now(state), 7 * MS);
	pace_follow(&pace, START + 3600000 * MS); /* nothing is active: at once */
	assert_int_equal(now(state), 3600000 * MS);
}

static void work_is_waited_for(void **state)
{
	struct bench *bench = *state;
	struct pace pace = pace_of(state, PACE_REAL);
	BENCH_ASK(bench, 6, 0xf1);
	uint64_t cost = now(state);
	pace_follow(&pace, START + cost / 2);
	assert_int_equal(now(state), cost);
	assert_int_equal(pace_horizon_ns(&pace, START + cost / 2), cost / 2);
	assert_int_equal(pace_wall_ns(&pace, cost), START + cost);
	pace_follow(&pace, START + cost + 5);
	assert_int_equal(now(state), cost + 5);
}

static void lateness_does_not_add_up(void **state)
{
	struct bench *bench = *state;
	struct pace pace = pace_of(state, PACE_REAL);
	for (uint64_t i = 1; i <= 100; i++) {
		BENCH_ASK(bench, 6, 0xf1);
		uint64_t due = pace_wall_ns(&pace, now(state));
		pace_follow(&pace, due + 30); /* the host woke late */
		assert_int_equal(pace_wall_ns(&pace, now(state)), due + 30);
	}
	assert_int_equal(pace.origin_ns, START);
}

static void a_host_too_slow_for_the_core_loses_time(void **state)
{
	struct pace pace = pace_of(state, PACE_REAL);
	fake_chip()->active = true;
	pace_follow(&pace, START + 10000 * MS);
	assert_int_equal(now(state), 50 * MS);
	pace_follow(&pace, START + 10001 * MS);
	assert_int_equal(now(state), 51 * MS);
}

static void a_running_core_wants_slices(void **state)
{
	struct pace pace = pace_of(state, PACE_REAL);
	assert_int_equal(pace_next_ns(&pace, START), PACE_NEVER);
	fake_chip()->active = true;
	assert_in_range(pace_next_ns(&pace, START), START + 1 * MS, START + 5 * MS);
}

/* ---- free ---- */

static void free_time_waits_for_nothing(void **state)
{
	struct bench *bench = *state;
	struct pace pace = pace_of(state, PACE_FREE);
	BENCH_ASK(bench, 6, 0xf1);
	uint64_t cost = now(state);
	assert_int_equal(pace_horizon_ns(&pace, START), UINT64_MAX);
	assert_int_equal(pace_wall_ns(&pace, cost), 0);
	assert_int_equal(pace_wall_ns(&pace, UINT64_MAX), PACE_NEVER);
	pace_follow(&pace, START + 5000 * MS);
	assert_int_equal(now(state), cost); /* nothing in the chip changes by time alone */
}

static void an_idle_wire_counts_after_two_ms(void **state)
{
	struct pace pace = pace_of(state, PACE_FREE);
	fake_chip()->active = true;
	pace_worked(&pace);
	pace_wait(&pace, START);
	pace_follow(&pace, START + 1 * MS);
	pace_wait(&pace, START + 1 * MS);
	assert_int_equal(now(state), 0);
	pace_follow(&pace, START + 2 * MS);
	assert_int_equal(now(state), 0);
	pace_follow(&pace, START + 5 * MS);
	assert_int_equal(now(state), 3 * MS);
	pace_follow(&pace, START + 9 * MS);
	assert_int_equal(now(state), 7 * MS);
	pace_worked(&pace);
	pace_wait(&pace, START + 9 * MS);
	pace_follow(&pace, START + 12 * MS);
	assert_int_equal(now(state), 8 * MS);
}

/* A slow host takes long to model what the wire has asked for, or what the core does meanwhile. */
static void modelling_is_no_idleness(void **state)
{
	struct pace pace = pace_of(state, PACE_FREE);
	fake_chip()->active = true;
	pace_worked(&pace);
	pace_wait(&pace, START + 40 * MS); /* 40 ms of work on the wire */
	pace_follow(&pace, START + 42 * MS);
	assert_int_equal(now(state), 0);
	pace_follow(&pace, START + 46 * MS);
	assert_int_equal(now(state), 4 * MS);
	pace_wait(&pace, START + 76 * MS); /* 30 ms to model those 4 */
	pace_follow(&pace, START + 80 * MS);
	assert_int_equal(now(state), 8 * MS);
}

static void idleness_before_the_chip_woke_does_not_count(void **state)
{
	struct pace pace = pace_of(state, PACE_FREE);
	pace_worked(&pace);
	pace_wait(&pace, START);
	pace_follow(&pace, START + 100 * MS);
	fake_chip()->active = true;
	pace_follow(&pace, START + 104 * MS);
	assert_int_equal(now(state), 4 * MS);
}

static void a_free_board_does_not_chase_a_slow_host(void **state)
{
	struct pace pace = pace_of(state, PACE_FREE);
	fake_chip()->active = true;
	pace_follow(&pace, START + 10000 * MS);
	assert_int_equal(now(state), 50 * MS);
}

#define PACE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PACE_TEST(real_time_is_the_wall),
		PACE_TEST(work_is_waited_for),
		PACE_TEST(lateness_does_not_add_up),
		PACE_TEST(a_host_too_slow_for_the_core_loses_time),
		PACE_TEST(a_running_core_wants_slices),
		PACE_TEST(free_time_waits_for_nothing),
		PACE_TEST(an_idle_wire_counts_after_two_ms),
		PACE_TEST(modelling_is_no_idleness),
		PACE_TEST(idleness_before_the_chip_woke_does_not_count),
		PACE_TEST(a_free_board_does_not_chase_a_slow_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
