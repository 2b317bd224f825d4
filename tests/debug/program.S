@ The program that tests of run control load: a place for each thing that a debugger may meet.
@ generate.sh makes program.c from it.

	.syntax unified
	.cpu cortex-m4
	.thumb
	.section .text
	.global vectors
vectors:
	.word 0x20008000
	.word reset+1
	.word spin+1
	.word hard_fault+1
	.word spin+1
	.word spin+1
	.word spin+1
	.word 0,0,0,0
	.word svc_handler+1
	.word spin+1
	.word 0
	.word spin+1
	.word systick+1
	.org 0x100
	.thumb_func
reset:
	ldr r4, =0x20000100
	movs r0, #0
	.thumb_func
loop:
	adds r0, #1
	adds r0, #2
	adds r0, #3
	adds r0, #4
	adds r0, #5
	adds r0, #6
	adds r0, #7
	adds r0, #8
	adds r0, #9
	adds r0, #10
	adds r0, #11
	adds r0, #12
	ldr r1, [r4]
	adds r1, #1
	str r1, [r4]
	bl leaf
	b loop
	.org 0x140
	.thumb_func
leaf:
	adds r5, #1
	bx lr
	.org 0x150
	.thumb_func
systick:
	ldr r3, =0x20000200
	ldr r2, [r3]
	adds r2, #1
	str r2, [r3]
	bx lr
	.org 0x160
	.thumb_func
hard_fault:
spin:
	b spin
	.org 0x170
	.thumb_func
svc_handler:
	adds r6, #1
	bx lr
	.org 0x180
svc_here:
	svc 3
	nop
	b svc_here
	.org 0x190
bkpt_here:
	bkpt 1
	adds r0, #1
	b bkpt_here
	.org 0x1a0
wfi_here:
	wfi
	adds r0, #1
	b wfi_here
	.org 0x1b0
exclusive:
	ldrex r1, [r4]
	adds r1, #1
	strex r2, r1, [r4]
	cmp r2, #0
	bne exclusive
	nop
	b exclusive
	.org 0x1d0
wild_store:
	ldr r0, =0x30000000
	str r1, [r0]
	nop
	.org 0x1e0
undefined:
	udf #0
	nop
	.org 0x1f0
divide:
	movs r1, #0
	udiv r0, r0, r1
	nop
	.org 0x200
wild_jump:
	ldr r0, =0x20000000
	bx r0
	.org 0x210
unaligned:
	ldr r0, =0x20000102
	ldmia r0, {r1, r2}
	nop
	.org 0x220
masked:
	cpsid i
	adds r0, #1
	adds r0, #1
	cpsie i
	b masked
	.org 0x230
short_loop:
	adds r0, #1
	subs r1, #1
	bne short_loop
	nop
	b short_loop
	.org 0x240
	.pool
	.org 0x258
fpu_caller:
	bl fpu_leaf
	b fpu_caller
	.org 0x260
	.thumb_func
fpu_leaf:
	push {r4, lr}
	.inst.w 0xed2d8a04 @ vpush {s16-s19}
	.inst.w 0xee300a20 @ vadd.f32 s0, s0, s1
	.inst.w 0xecbd8a04 @ vpop {s16-s19}
	pop {r4, pc}
	.org 0x280
calls:
	mov r0, r4
	mov r1, r5
	bkpt 0xab
	adds r6, #1
	eors r5, r7
	b calls
	.org 0x290
	.asciz "the sticks are centred\n"
	.org 0x2b0
	.asciz "armed\n"
	.org 0x2c0
	.asciz "the battery is low: land as soon as it can be done safely\n"
	.org 0x300
