/* Trigonometry by table and by polynomial; angles in radians. Any context. */
#ifndef FLIGHT_TRIG_H
#define FLIGHT_TRIG_H

#define TRIG_PI 3.14159265F

/* Error below 3e-7 plus rounding, for |angle| up to some thousand turns. */
float trig_sin(float angle_rad);
float trig_cos(float angle_rad);

/* In -pi..pi, error below 2e-5 rad; (0, 0) gives 0. */
float trig_atan2(float y, float x);

#endif
