/* A rate controller for one axis. */
#ifndef FLIGHT_PID_H
#define FLIGHT_PID_H

#include "filter.h"

struct pid {
	float kp, ki, kd;     /* per dps, per dps and second, per dps/s */
	float p, i, d;        /* the terms of the last step, for a debugger to watch */
	float output;         /* their sum, in -1..1 of the axis' authority */
	float previous_dps;   /* rate of the last step */
	struct filter smooth; /* on the D term, which amplifies noise */
};

void pid_init(struct pid *pid, float kp, float ki, float kd);

/* One step of 1 / TICKS_HZ. Returns pid->output. */
float pid_update(struct pid *pid, float setpoint_dps, float rate_dps);

#endif
