/* A word to the debugger. Without one that listens, BKPT is a fault. */
#ifndef FLIGHT_SEMIHOSTING_H
#define FLIGHT_SEMIHOSTING_H

/* SYS_WRITE0: prints on the debugger's console. */
void semihosting_write(const char *text);

#endif
