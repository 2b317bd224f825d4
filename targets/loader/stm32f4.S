/*
 * RAM loader for the STM32F4: programs words that stream in through a ring buffer, and sums up
 * ranges of the flash.
 *
 * The host starts it once, with interrupts masked, and then talks to its mailbox (layout.h). Each
 * word is compared first: an equal one is skipped, so that a repeated run is harmless; one that
 * needs a bit to go from 0 to 1 stops the run. The store is not waited for: the next read of the
 * flash stalls until the controller is done, and the bookkeeping in between costs no time.
 *
 * Source: RM0090 rev 21, 3.6 (programming), 3.9.4 (FLASH_SR); IWDG_KR: 21.4.1; CRC: chapter 4.
 * Bytes in stm32f4_bytes.h are made from this file by generate.sh.
 */
#include "layout.h"

	.syntax unified
	.cpu	cortex-m4
	.thumb
	.text

#define FLASH_BASE  0x40023C00
#define FLASH_SR    0x0C
#define SR_ERRORS   0x1F2	/* RDERR PGSERR PGPERR PGAERR WRPERR OPERR */
#define IWDG_KR	    0x40003000
#define IWDG_RELOAD 0xAAAA
#define CRC_DR	    0x40023000	/* the unit's clock is the host's to enable */
#define CRC_CR	    0x08

mail	 .req	r0
flash	 .req	r1
watchdog .req	r2
reload	 .req	r3
source	 .req	r4
target	 .req	r5
end	 .req	r6
data	 .req	r7
held	 .req	r8
scratch	 .req	r9
width	 .req	r10

/* the survey's names for the same registers */
crc	 .req	r1
table	 .req	r4
from	 .req	r5
to	 .req	r6
sum	 .req	r8
factor	 .req	r10
blank	 .req	r11

	.global	loader_start
	.thumb_func
loader_start:
	ldr	mail, =LOADER_RAM + LOADER_MAILBOX
	ldr	flash, =FLASH_BASE
	ldr	watchdog, =IWDG_KR
	movw	reload, #IWDG_RELOAD

idle:
	str	reload, [watchdog]
	ldr	scratch, [mail, #MAIL_COMMAND]
	cmp	scratch, #COMMAND_SURVEY
	beq	survey
	cmp	scratch, #COMMAND_PROGRAM
	bne	idle
	ldr	target, [mail, #MAIL_DESTINATION]
	ldr	end, [mail, #MAIL_END]
	ldr	source, [mail, #MAIL_READ]
	ldr	width, [mail, #MAIL_WIDTH]

next_word:
	str	reload, [watchdog]
	cmp	target, end
	beq	run_done
	ldr	scratch, [mail, #MAIL_WRITE]
	cmp	source, scratch
	beq	next_word

	ldr	data, [source], #4
	ldr	held, [target]
	cmp	data, held
	beq	stored
	bics	scratch, data, held
	mov	scratch, #RESULT_NOT_BLANK
	bne	fail

	cmp	width, #2
	bhi	store_word
	beq	store_halfwords
	strb	data, [target]
	lsrs	scratch, data, #8
	strb	scratch, [target, #1]
	lsrs	scratch, data, #16
	strb	scratch, [target, #2]
	lsrs	scratch, data, #24
	strb	scratch, [target, #3]
	b	check
store_halfwords:
	strh	data, [target]
	lsrs	scratch, data, #16
	strh	scratch, [target, #2]
	b	check
store_word:
	str	data, [target]

check:
	ldr	held, [flash, #FLASH_SR]
	movw	scratch, #SR_ERRORS
	tst	held, scratch
	mov	scratch, #RESULT_FLASH_ERROR
	bne	fail
stored:
	adds	target, #4
	ldr	scratch, [mail, #MAIL_RING_END]
	cmp	source, scratch
	bne	used
	ldr	source, [mail, #MAIL_RING_START]
used:
	str	source, [mail, #MAIL_READ]
	str	target, [mail, #MAIL_DESTINATION]
	b	next_word

run_done:
	movs	scratch, #0
	str	scratch, [mail, #MAIL_COMMAND]
	b	idle

survey:
	ldr	crc, =CRC_DR
	ldr	factor, =SURVEY_FACTOR
	ldr	table, [mail, #MAIL_DESTINATION]
next_row:
	str	reload, [watchdog]
	ldr	scratch, [mail, #MAIL_END]
	cmp	table, scratch
	beq	survey_done
	movs	scratch, #1
	str	scratch, [crc, #CRC_CR]
	movs	sum, #0
	mvn	blank, #0
	ldrd	from, to, [table]
next_sum:
	cmp	from, to
	beq	row_done
	ldr	data, [from], #4
	rev	scratch, data
	str	scratch, [crc]
	mla	sum, sum, factor, data
	and	blank, data
	b	next_sum
row_done:
	ldr	data, [crc]
	strd	data, sum, [table]
	str	blank, [table, #SURVEY_AND]
	adds	table, #SURVEY_ROW
	b	next_row
survey_done:
	ldr	flash, =FLASH_BASE
	b	run_done

	.global	loader_fault
	.thumb_func
loader_fault:
	ldr	mail, =LOADER_RAM + LOADER_MAILBOX
	ldr	flash, =FLASH_BASE
	mov	scratch, #RESULT_FAULT
fail:
	ldr	held, [flash, #FLASH_SR]
	str	held, [mail, #MAIL_STATUS]
	str	target, [mail, #MAIL_DESTINATION]
	str	scratch, [mail, #MAIL_RESULT]
stop:
	bkpt	#0
	b	stop

	.pool
