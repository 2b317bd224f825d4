/*
 * A small flight controller for the STEVAL-FCU001 board, made to be loaded, run and debugged.
 *
 * SysTick counts at 1 kHz and pends PendSV; PendSV flies (control.c); thread mode does what is not
 * urgent, then sleeps. ../README.md is the tour.
 */
#include "clock.h"
#include "control.h"
#include "cpu.h"
#include "debug.h"
#include "image.h"
#include "log.h"
#include "motors.h"
#include "power.h"
#include "practice.h"
#include "telemetry.h"
#include "ticks.h"

int main(void);

/* The image's last bytes, so that whatever holds the image can also tell what it is. */
__attribute__((section(".identity"), used)) static const char firmware_identity[] =
	"flight 1.0, of stlink-gdb, for STEVAL-FCU001 (STM32F401CC)";

static void start(void)
{
	clock_start();
	power_log_reset_cause();
	log_write("start: clock source", clock_source);
	log_write("start: clock in Hz", clock_hz);
	motors_start();
	control_start();
	ticks_start();
}

/* What happens every so many ticks, in thread mode. */
static void background(void)
{
	static uint32_t telemetry_due, practice_due;
	uint32_t now = ticks;

	if ((int32_t)(now - telemetry_due) >= 0) {
		telemetry_due += TELEMETRY_PERIOD_MS;
		telemetry_update();
	}
	if ((int32_t)(now - practice_due) >= 0) {
		practice_due += PRACTICE_PERIOD_MS;
		practice_round();
	}
	image_check_step();
}

int main(void)
{
	start();
	for (;;) {
		debug_poll();
		background();
		cpu_wait_for_interrupt();
	}
}
