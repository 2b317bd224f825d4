/*
 * Where the RAM loader and its mailbox lie; read by the assembler and by flash_loader.c.
 *
 * Offsets are from the start of the SRAM. Only #defines: this file is for two languages.
 */
#ifndef TARGETS_LOADER_LAYOUT_H
#define TARGETS_LOADER_LAYOUT_H

#define LOADER_RAM 0x20000000 /* every STM32F4 has its SRAM here */

#define LOADER_VECTORS   0x000 /* 16 exception vectors; VTOR wants 128-byte alignment */
#define LOADER_CODE      0x080
#define LOADER_CODE_MAX  0x200
#define LOADER_STACK_TOP 0x400

/* Apart from the code: a model of a processor may be slow otherwise. */
#define LOADER_MAILBOX 0x400
#define LOADER_RING    0x440 /* up to the canary at the end of the SRAM */

/* The mailbox: words, offsets from LOADER_MAILBOX. DESTINATION, END and COMMAND are written by the
 * host in one ascending block, COMMAND last; the loader sets COMMAND to 0 when the run is done. */
#define MAIL_WRITE       0x00 /* host: the ring is filled up to here (address) */
#define MAIL_READ        0x04 /* loader: and used up to here */
#define MAIL_RING_START  0x08
#define MAIL_RING_END    0x0C
#define MAIL_WIDTH       0x10 /* bytes a store: 1, 2, 4 */
#define MAIL_RESULT      0x14 /* 0, or one of RESULT_*; the loader then stands on a BKPT */
#define MAIL_STATUS      0x18 /* FLASH_SR at the failure */
#define MAIL_DESTINATION 0x1C /* next flash address; at a failure, the one that failed */
#define MAIL_END         0x20
#define MAIL_COMMAND     0x24
#define MAIL_SIZE        0x28

#define COMMAND_PROGRAM 1 /* DESTINATION to END takes the words of the ring */
#define COMMAND_SURVEY  2 /* DESTINATION to END is a table of ranges to be summed up */

/* A row of the survey's table. The host gives the first and the end address of the range (words);
 * the loader puts the results in their place. */
#define SURVEY_FIRST  0x00 /* out: what the CRC unit makes of the byte-reversed words */
#define SURVEY_END    0x04 /* out: sum = sum * SURVEY_FACTOR + word over the words, from 0 */
#define SURVEY_AND    0x08 /* out: all words ANDed; FFFFFFFF means blank */
#define SURVEY_ROW    0x10
#define SURVEY_FACTOR 0x9E3779B1

#define RESULT_NOT_BLANK   1 /* a bit would have to go from 0 to 1 */
#define RESULT_FLASH_ERROR 2 /* the controller raised an error flag */
#define RESULT_FAULT       3 /* an exception was taken */

#endif
