/*
 * Which peripherals the chips have, and where. From: RM0368 table 1 and 38 (memory map, vectors),
 * RM0090 tables 1 and 61, ARMv7-M ARM B3.1.
 */
#include "blocks.h"
#include "model.h"

#define ROWS(array)                                       \
	{                                                 \
		(array), sizeof(array) / sizeof(array)[0] \
	}
#define IRQ(number) ((number) + 1)

#define AT(address, bytes) .base = (address), .size = (bytes)

#define AHB1(bit)    .enable = RCC_AHB1ENR, .enable_bit = (bit)
#define AHB2(bit)    .enable = RCC_AHB2ENR, .enable_bit = (bit)
#define AHB3(bit)    .enable = RCC_AHB3ENR, .enable_bit = (bit)
#define APB1(bit)    .enable = RCC_APB1ENR, .enable_bit = (bit)
#define APB2(bit)    .enable = RCC_APB2ENR, .enable_bit = (bit)
#define FREEZE1(bit) .freeze = DBGMCU_APB1_FZ, .freeze_bit = (bit)
#define FREEZE2(bit) .freeze = DBGMCU_APB2_FZ, .freeze_bit = (bit)

/* ---- the core's private bus ---- */

enum { ARM_JEP106 = 0x43b };

static const struct coresight_id scs_id = {.part = 0x00c, .designer = ARM_JEP106, .class = 14};
static const struct coresight_id dwt_id = {
	.part = 0x002, .designer = ARM_JEP106, .class = 14, .revision = 3};
static const struct coresight_id fpb_id = {
	.part = 0x003, .designer = ARM_JEP106, .class = 14, .revision = 2};
static const struct coresight_id itm_id = {
	.part = 0x001, .designer = ARM_JEP106, .class = 14, .revision = 3};
static const struct coresight_id tpiu_id = {
	.part = 0x9a1, .designer = ARM_JEP106, .class = 9, .devtype = 0x11};
static const struct coresight_id etm_id = {
	.part = 0x925, .designer = ARM_JEP106, .class = 9, .devtype = 0x13};

static const struct peripheral_row core_rows[] = {
	{.ops = &itm_ops, AT(0xe0000000, 0xfc0)},
	{.ops = &coresight_ops, AT(0xe0000fc0, 0x40), .variant = &itm_id},
	{.ops = &dwt_ops, AT(0xe0001000, 0xfc0)},
	{.ops = &coresight_ops, AT(0xe0001fc0, 0x40), .variant = &dwt_id},
	{.ops = &fpb_ops, AT(0xe0002000, 0xfc0)},
	{.ops = &coresight_ops, AT(0xe0002fc0, 0x40), .variant = &fpb_id},
	{.ops = &scs_ops, AT(0xe000e000, 0x10)},
	{.ops = &systick_ops, AT(0xe000e010, 0x10)},
	{.ops = &nvic_ops, AT(0xe000e100, 0x400)},
	{.ops = &scb_ops, AT(0xe000ed00, 0x90)},
	{.ops = &mpu_ops, AT(0xe000ed90, 0x30)},
	{.ops = &debug_ops, AT(0xe000edf0, 0x10)},
	{.ops = &fpu_ops, AT(0xe000ef00, 0x90)},
	{.ops = &coresight_ops, AT(0xe000efc0, 0x40), .variant = &scs_id},
	{.ops = &trace_table_ops, AT(0xe0040000, 0xfc0), .variant = &trace_tpiu},
	{.ops = &coresight_ops, AT(0xe0040fc0, 0x40), .variant = &tpiu_id},
	{.ops = &trace_table_ops, AT(0xe0041000, 0xfc0), .variant = &trace_etm},
	{.ops = &coresight_ops, AT(0xe0041fc0, 0x40), .variant = &etm_id},
	{.ops = &dbgmcu_ops, AT(0xe0042000, 0x400)},
	{.ops = &rom_table_ops, AT(0xe00ff000, 0x1000)},
};

const struct peripheral_list peripherals_core = ROWS(core_rows);

/* ---- what every STM32F4 here has ---- */

static const struct tim_variant narrow = {.wide = false}, wide = {.wide = true};

static const struct gpio_variant port_a = {
	.port = 0, .moder = 0xa8000000, .ospeedr = 0x0c000000, .pupdr = 0x64000000};
static const struct gpio_variant port_b = {
	.port = 1, .moder = 0x00000280, .ospeedr = 0x000000c0, .pupdr = 0x00000100};
static const struct gpio_variant port_c = {.port = 2};
static const struct gpio_variant port_d = {.port = 3};
static const struct gpio_variant port_e = {.port = 4};
static const struct gpio_variant port_h = {.port = 7};

static const struct peripheral_row common_rows[] = {
	{.ops = &tim_ops,
		AT(0x40000000, 0x400),
		APB1(0),
		FREEZE1(0),
		.irqs = {IRQ(28)},
		.variant = &wide}, /* TIM2 */
	{.ops = &tim_ops,
		AT(0x40000400, 0x400),
		APB1(1),
		FREEZE1(1),
		.irqs = {IRQ(29)},
		.variant = &narrow}, /* TIM3 */
	{.ops = &tim_ops,
		AT(0x40000800, 0x400),
		APB1(2),
		FREEZE1(2),
		.irqs = {IRQ(30)},
		.variant = &narrow}, /* TIM4 */
	{.ops = &tim_ops,
		AT(0x40000c00, 0x400),
		APB1(3),
		FREEZE1(3),
		.irqs = {IRQ(50)},
		.variant = &wide}, /* TIM5 */
	{.ops = &rtc_ops, AT(0x40002800, 0x400)},
	{.ops = &wwdg_ops, AT(0x40002c00, 0x400), APB1(11), FREEZE1(11), {IRQ(0)}},
	{.ops = &iwdg_ops, AT(0x40003000, 0x400), FREEZE1(12)},
	{.ops = &plain_ops, AT(0x40003400, 0x400)},                              /* I2S2ext */
	{.ops = &spi_ops, AT(0x40003800, 0x400), APB1(14), .irqs = {IRQ(36)}},   /* SPI2 */
	{.ops = &spi_ops, AT(0x40003c00, 0x400), APB1(15), .irqs = {IRQ(51)}},   /* SPI3 */
	{.ops = &plain_ops, AT(0x40004000, 0x400)},                              /* I2S3ext */
	{.ops = &usart_ops, AT(0x40004400, 0x400), APB1(17), .irqs = {IRQ(38)}}, /* USART2 */
	{.ops = &i2c_ops, AT(0x40005400, 0x400), APB1(21), .irqs = {IRQ(31), IRQ(32)}}, /* I2C1 */
	{.ops = &i2c_ops, AT(0x40005800, 0x400), APB1(22), .irqs = {IRQ(33), IRQ(34)}}, /* I2C2 */
	{.ops = &i2c_ops, AT(0x40005c00, 0x400), APB1(23), .irqs = {IRQ(72), IRQ(73)}}, /* I2C3 */
	{.ops = &pwr_ops, AT(0x40007000, 0x400), APB1(28)},
	{.ops = &tim_ops,
		AT(0x40010000, 0x400),
		APB2(0),
		FREEZE2(0),
		.irqs = {IRQ(25), IRQ(27)},
		.variant = &narrow},                                            /* 1 */
	{.ops = &usart_ops, AT(0x40011000, 0x400), APB2(4), .irqs = {IRQ(37)}}, /* 1 */
	{.ops = &usart_ops, AT(0x40011400, 0x400), APB2(5), .irqs = {IRQ(71)}}, /* 6 */
	{.ops = &adc_ops, AT(0x40012000, 0x400), APB2(8), .irqs = {IRQ(18)}},
	{.ops = &plain_ops, AT(0x40012c00, 0x400), APB2(11)},                  /* SDIO */
	{.ops = &spi_ops, AT(0x40013000, 0x400), APB2(12), .irqs = {IRQ(35)}}, /* SPI1 */
	{.ops = &syscfg_ops, AT(0x40013800, 0x400), APB2(14)},
	{.ops = &exti_ops, AT(0x40013c00, 0x400)},
	{.ops = &tim_ops,
		AT(0x40014000, 0x400),
		APB2(16),
		FREEZE2(16),
		.irqs = {IRQ(24)},
		.variant = &narrow}, /* TIM9 */
	{.ops = &tim_ops,
		AT(0x40014400, 0x400),
		APB2(17),
		FREEZE2(17),
		.irqs = {IRQ(25)},
		.variant = &narrow}, /* TIM10 */
	{.ops = &tim_ops,
		AT(0x40014800, 0x400),
		APB2(18),
		FREEZE2(18),
		.irqs = {IRQ(26)},
		.variant = &narrow}, /* TIM11 */
	{.ops = &gpio_ops, AT(0x40020000, 0x400), AHB1(0), .variant = &port_a},
	{.ops = &gpio_ops, AT(0x40020400, 0x400), AHB1(1), .variant = &port_b},
	{.ops = &gpio_ops, AT(0x40020800, 0x400), AHB1(2), .variant = &port_c},
	{.ops = &gpio_ops, AT(0x40020c00, 0x400), AHB1(3), .variant = &port_d},
	{.ops = &gpio_ops, AT(0x40021000, 0x400), AHB1(4), .variant = &port_e},
	{.ops = &gpio_ops, AT(0x40021c00, 0x400), AHB1(7), .variant = &port_h},
	{.ops = &crc_ops, AT(0x40023000, 0x400), AHB1(12)},
	{.ops = &rcc_ops, AT(0x40023800, 0x400)},
	{.ops = &flash_ops, AT(0x40023c00, 0x400), .irqs = {IRQ(4)}},
	{.ops = &dma_ops,
		AT(0x40026000, 0x400),
		AHB1(21),
		.irqs = {IRQ(11), IRQ(12), IRQ(13), IRQ(14), IRQ(15), IRQ(16), IRQ(17), IRQ(47)}},
	{.ops = &dma_ops,
		AT(0x40026400, 0x400),
		AHB1(22),
		.irqs = {IRQ(56), IRQ(57), IRQ(58), IRQ(59), IRQ(60), IRQ(68), IRQ(69), IRQ(70)}},
	{.ops = &otg_ops, AT(0x50000000, 0x40000), AHB2(7), .irqs = {IRQ(67)}},
};

const struct peripheral_list peripherals_common = ROWS(common_rows);

/* ---- F401, F411 ---- */

static const struct peripheral_row f401_rows[] = {
	{.ops = &spi_ops, AT(0x40013400, 0x400), APB2(13), .irqs = {IRQ(84)}}, /* SPI4 */
};

const struct peripheral_list peripherals_f401 = ROWS(f401_rows);

/* ---- F405, F407, F413, F429: what they have more of, some of it as plain registers ---- */

static const struct gpio_variant port_f = {.port = 5};
static const struct gpio_variant port_g = {.port = 6};
static const struct gpio_variant port_i = {.port = 8};

static const struct peripheral_row f405_rows[] = {
	{.ops = &tim_ops,
		AT(0x40001000, 0x400),
		APB1(4),
		FREEZE1(4),
		.irqs = {IRQ(54)},
		.variant = &narrow}, /* TIM6 */
	{.ops = &tim_ops,
		AT(0x40001400, 0x400),
		APB1(5),
		FREEZE1(5),
		.irqs = {IRQ(55)},
		.variant = &narrow}, /* TIM7 */
	{.ops = &tim_ops,
		AT(0x40001800, 0x400),
		APB1(6),
		FREEZE1(6),
		.irqs = {IRQ(43)},
		.variant = &narrow}, /* TIM12 */
	{.ops = &tim_ops,
		AT(0x40001c00, 0x400),
		APB1(7),
		FREEZE1(7),
		.irqs = {IRQ(44)},
		.variant = &narrow}, /* TIM13 */
	{.ops = &tim_ops,
		AT(0x40002000, 0x400),
		APB1(8),
		FREEZE1(8),
		.irqs = {IRQ(45)},
		.variant = &narrow},                                             /* TIM14 */
	{.ops = &usart_ops, AT(0x40004800, 0x400), APB1(18), .irqs = {IRQ(39)}}, /* USART3 */
	{.ops = &usart_ops, AT(0x40004c00, 0x400), APB1(19), .irqs = {IRQ(52)}}, /* UART4 */
	{.ops = &usart_ops, AT(0x40005000, 0x400), APB1(20), .irqs = {IRQ(53)}}, /* UART5 */
	{.ops = &plain_ops, AT(0x40006400, 0x400), APB1(25)},                    /* CAN1 */
	{.ops = &plain_ops, AT(0x40006800, 0x400), APB1(26)},                    /* CAN2 */
	{.ops = &plain_ops, AT(0x40007400, 0x400), APB1(29)},                    /* DAC */
	{.ops = &tim_ops,
		AT(0x40010400, 0x400),
		APB2(1),
		FREEZE2(1),
		.irqs = {IRQ(44), IRQ(46)},
		.variant = &narrow}, /* 8 */
	{.ops = &gpio_ops, AT(0x40021400, 0x400), AHB1(5), .variant = &port_f},
	{.ops = &gpio_ops, AT(0x40021800, 0x400), AHB1(6), .variant = &port_g},
	{.ops = &gpio_ops, AT(0x40022000, 0x400), AHB1(8), .variant = &port_i},
	{.ops = &plain_ops, AT(0x40028000, 0x1400), AHB1(25)}, /* Ethernet */
	{.ops = &otg_ops, AT(0x40040000, 0x40000), AHB1(29)},  /* OTG HS */
	{.ops = &plain_ops, AT(0x50050000, 0x400), AHB2(0)},   /* DCMI */
	{.ops = &plain_ops, AT(0x50060800, 0x400), AHB2(6)},   /* RNG */
	{.ops = &plain_ops, AT(0xa0000000, 0x1000), AHB3(0)},  /* FSMC */
};

const struct peripheral_list peripherals_f405 = ROWS(f405_rows);
