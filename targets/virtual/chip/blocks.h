/* Every kind of peripheral that a chip's list may name, for model_peripherals.c. */
#ifndef TARGETS_VIRTUAL_CHIP_BLOCKS_H
#define TARGETS_VIRTUAL_CHIP_BLOCKS_H

#include "coresight.h"
#include "dbgmcu.h"
#include "dwt.h"
#include "exti.h"
#include "fpb.h"
#include "gpio.h"
#include "iwdg.h"
#include "peripheral.h"
#include "pwr.h"
#include "rcc.h"
#include "regfile.h"
#include "syscfg.h"
#include "tim.h"
#include "wwdg.h"

/* the core's private bus */
extern const struct peripheral_ops scs_ops, systick_ops, nvic_ops, scb_ops, mpu_ops, debug_ops,
	fpu_ops, itm_ops, rom_table_ops;
/* row->variant is a struct reg_table */
extern const struct peripheral_ops trace_table_ops;
extern const struct reg_table trace_tpiu, trace_etm;

/* the chip; row->variant of a plain one is a struct reg_table, or NULL */
extern const struct peripheral_ops flash_ops, crc_ops, dma_ops, spi_ops, usart_ops, i2c_ops,
	adc_ops, rtc_ops, otg_ops, plain_ops;

#endif
