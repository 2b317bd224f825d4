/* Peripherals that firmware meets on its way up: CRC, DMA, SPI and its sensors, ports, and others.
 */
#include "chip_rig.h"

#define RCC_AHB1ENR UINT32_C(0x40023830)
#define RCC_AHB2ENR UINT32_C(0x40023834)
#define RCC_APB1ENR UINT32_C(0x40023840)
#define RCC_APB2ENR UINT32_C(0x40023844)
#define NVIC_ISPR   UINT32_C(0xe000e200)

static int setup_clocks(void **state)
{
	rig_setup(state);
	rig_write(*state, RCC_AHB1ENR, 0x00601087);
	rig_write(*state, RCC_AHB2ENR, 1 << 7);
	rig_write(*state, RCC_APB1ENR, 0x10e2c80f);
	rig_write(*state, RCC_APB2ENR, 0x00077930);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup_clocks, rig_teardown)

/* ---- CRC ---- */

static void the_crc_unit_knows_its_polynomial(void **state)
{
	struct rig *rig = *state;
	const uint32_t crc = 0x40023000;
	rig_write(rig, crc + 8, 1);
	assert_int_equal(rig_read(rig, crc), 0xffffffff);
	rig_write(rig, crc, 0x00000000);
	assert_int_equal(rig_read(rig, crc), 0xc704dd7b); /* CRC-32/MPEG-2 of four zero bytes */
	rig_write(rig, crc + 8, 1);
	rig_write(rig, crc, 0x31323334); /* "1234" */
	rig_write(rig, crc, 0x35363738); /* "5678" */
	assert_int_equal(rig_read(rig, crc), 0x49e3c2fb);
	rig_write(rig, crc + 4, 0x1a5);
	assert_int_equal(rig_read(rig, crc + 4), 0xa5);
}

/* ---- DMA ---- */

#define DMA1 UINT32_C(0x40026000)
#define DMA2 UINT32_C(0x40026400)

enum { HISR = 0x04, HIFCR = 0x0c, S5CR = 0x88, S5NDTR = 0x8c, S5PAR = 0x90, S5M0AR = 0x94 };

#define MEM2MEM UINT32_C(0x00000080)
#define WORDS   UINT32_C(0x00005000)
#define INCS    UINT32_C(0x00000600)

static void dma_copies_memory(void **state)
{
	struct rig *rig = *state;
	for (uint32_t i = 0; i < 16; i++)
		rig_write(rig, DATA + 4 * i, 0x1000 + i);
	rig_write(rig, DMA2 + S5PAR, DATA);
	rig_write(rig, DMA2 + S5M0AR, DATA + 0x100);
	rig_write(rig, DMA2 + S5NDTR, 16);
	rig_write(rig, DMA2 + S5CR, MEM2MEM | WORDS | INCS | 0x10); /* TCIE */
	rig_write(rig, DMA2 + S5CR, MEM2MEM | WORDS | INCS | 0x11);
	assert_int_equal(rig_read(rig, DMA2 + HISR), 0);
	rig_run(rig, MS);                                        /* with the core halted */
	assert_int_equal(rig_read(rig, DMA2 + HISR), 0x30 << 6); /* HTIF5, TCIF5 */
	assert_int_equal(rig_read(rig, DMA2 + S5CR) & 1, 0);
	assert_int_equal(rig_read(rig, DMA2 + S5NDTR), 0);
	for (uint32_t i = 0; i < 16; i++)
		assert_int_equal(rig_read(rig, DATA + 0x100 + 4 * i), 0x1000 + i);
	assert_int_equal(rig_read(rig, NVIC_ISPR + 8) & 0x10, 0x10); /* interrupt 68 */
	rig_write(rig, DMA2 + HIFCR, 0x3d << 6);
	assert_int_equal(rig_read(rig, DMA2 + HISR), 0);
}

static void dma_packs_and_stands(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DATA, 0x44332211);
	rig_write(rig, DATA + 4, 0x88776655);
	rig_write(rig, DATA + 0x100, 0);
	rig_write(rig, DMA2 + S5PAR, DATA);
	rig_write(rig, DMA2 + S5M0AR, DATA + 0x100);
	rig_write(rig, DMA2 + S5NDTR, 8);
	rig_write(rig, DMA2 + S5CR, MEM2MEM | 0x4000 | 0x200 | 1); /* bytes to words, MINC off */
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DATA + 0x100), 0x88776655);
}

static void dma_stops_at_a_bus_error(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DMA2 + S5PAR, 0x60000000);
	rig_write(rig, DMA2 + S5M0AR, DATA);
	rig_write(rig, DMA2 + S5NDTR, 1);
	rig_write(rig, DMA2 + S5CR, MEM2MEM | WORDS | 1);
	rig_run(rig, MS);
	assert_int_equal(rig_read(rig, DMA2 + HISR), 0x08 << 6); /* TEIF5 */
}

static void dma_makes_code_new(void **state)
{
	struct rig *rig = *state;
	RIG_EXECUTE(rig, 0x2001, 0xbe00); /* movs r0, #1; bkpt 0 */
	rig_write(rig, DATA, 0xbe002002); /* movs r0, #2; bkpt 0 */
	rig_write(rig, DMA2 + S5PAR, DATA);
	rig_write(rig, DMA2 + S5M0AR, CODE);
	rig_write(rig, DMA2 + S5NDTR, 1);
	rig_write(rig, DMA2 + S5CR, MEM2MEM | WORDS | 1);
	rig_run(rig, MS);
	rig_go(rig, CODE);
	(void)rig_wait_halt(rig, 1);
	assert_int_equal(rig_reg(rig, 0), 2);
}

/* ---- ports and EXTI ---- */

#define GPIOA UINT32_C(0x40020000)

static void pins_follow_their_drivers(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, GPIOA, 0xa8000001);        /* PA0 is an output */
	rig_write(rig, GPIOA + 0x0c, 0x64000004); /* PA1 has a pull-up */
	assert_int_equal(rig_read(rig, GPIOA + 0x10) & 7, 2);
	rig_write(rig, GPIOA + 0x18, 5); /* BSRR: PA0, and PA2 that is an input */
	assert_int_equal(rig_read(rig, GPIOA + 0x14), 5);
	assert_int_equal(rig_read(rig, GPIOA + 0x10) & 7, 3);
	rig_write(rig, GPIOA + 0x18, 0x00010001); /* both: setting wins */
	assert_int_equal(rig_read(rig, GPIOA + 0x14) & 1, 1);
	rig_write(rig, GPIOA + 0x18, 0x00010000);
	assert_int_equal(rig_read(rig, GPIOA + 0x10) & 1, 0);
}

static void edges_of_pins_interrupt(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, GPIOA, 0xa8000001);
	rig_write(rig, 0x40013c00, 1); /* IMR */
	rig_write(rig, 0x40013c08, 1); /* RTSR */
	rig_write(rig, GPIOA + 0x18, 1);
	assert_int_equal(rig_read(rig, 0x40013c14), 1);
	assert_int_equal(rig_read(rig, NVIC_ISPR) & 0x40, 0x40);
	rig_write(rig, 0x40013c14, 1);
	rig_write(rig, GPIOA + 0x18, 0x10000); /* falling: not asked for */
	assert_int_equal(rig_read(rig, 0x40013c14), 0);
	rig_write(rig, 0x40013808, 1); /* SYSCFG: line 0 listens to port B */
	rig_write(rig, GPIOA + 0x18, 1);
	assert_int_equal(rig_read(rig, 0x40013c14), 0);
	rig_write(rig, 0x40013c10, 1); /* SWIER */
	assert_int_equal(rig_read(rig, 0x40013c14), 1);
}

/* ---- SPI and the sensors behind it ---- */

#define SPI2 UINT32_C(0x40003800)

static uint32_t exchange(struct rig *rig, uint32_t value)
{
	assert_int_equal(rig_read(rig, SPI2 + 8) & 0x82, 2); /* TXE, not BSY */
	rig_write(rig, SPI2 + 12, value);
	assert_int_equal(rig_read(rig, SPI2 + 8) & 1, 1); /* RXNE */
	/* Only firmware empties the receiver: a debugger's read changes nothing. */
	return rig_read(rig, SPI2 + 12);
}

static void select_gyroscope(struct rig *rig)
{
	rig_write(rig, GPIOA + 0x18, 1 << 8);
	rig_write(rig, GPIOA, 0xa8010000); /* PA8 is an output */
	rig_write(rig, GPIOA + 0x18, 1 << 24);
}

static void sensors_answer_on_spi(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, SPI2, 0x344);                 /* MSTR, SPE, SSM, SSI */
	assert_int_equal(exchange(rig, 0x8f), 0xff); /* nobody is selected */
	select_gyroscope(rig);
	assert_int_equal(exchange(rig, 0x8f), 0xff); /* read WHO_AM_I */
	assert_int_equal(exchange(rig, 0), 0x6a);
	select_gyroscope(rig);     /* a new access */
	(void)exchange(rig, 0x10); /* write CTRL1_XL */
	(void)exchange(rig, 0x5a);
	select_gyroscope(rig);
	(void)exchange(rig, 0x90);
	assert_int_equal(exchange(rig, 0), 0x5a);
}

static void gyroscope_samples_move(void **state)
{
	struct rig *rig = *state;
	uint32_t samples[2];
	rig_write(rig, SPI2, 0x344);
	for (unsigned i = 0; i < 2; i++) {
		select_gyroscope(rig);
		(void)exchange(rig, 0xa2); /* OUTX_L_G */
		samples[i] = exchange(rig, 0);
		samples[i] |= exchange(rig, 0) << 8;
		rig_run(rig, 10 * MS);
	}
	assert_int_not_equal(samples[0], samples[1]);
}

/* Three wires: a short pulse of SPE clocks one byte in. */
static void three_wire_mode_listens(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, SPI2, 0xc344); /* BIDIMODE, BIDIOE */
	select_gyroscope(rig);
	rig_write(rig, SPI2 + 12, 0x8f);
	assert_int_equal(rig_read(rig, SPI2 + 8) & 1, 0);
	rig_write(rig, SPI2, 0x8304); /* BIDIOE off, SPE off */
	rig_write(rig, SPI2, 0x8344);
	rig_write(rig, SPI2, 0x8304);
	assert_int_equal(rig_read(rig, SPI2 + 8) & 1, 1);
	assert_int_equal(rig_read(rig, SPI2 + 12), 0x6a);
}

/* ---- the rest: ready flags, so that nobody waits for ever ---- */

static void a_usart_is_always_ready_to_send(void **state)
{
	struct rig *rig = *state;
	const uint32_t usart2 = 0x40004400;
	assert_int_equal(rig_read(rig, usart2), 0xc0);
	rig_write(rig, usart2 + 8, 0x8b); /* BRR */
	assert_int_equal(rig_read(rig, usart2 + 8), 0x8b);
	rig_write(rig, usart2, 0);
	assert_int_equal(rig_read(rig, usart2), 0x80);
	rig_write(rig, usart2 + 4, 'x');
	assert_int_equal(rig_read(rig, usart2), 0xc0);
	rig_write(rig, usart2 + 12, 0x2088); /* UE, TXEIE */
	assert_int_equal(rig_read(rig, NVIC_ISPR + 4) & 0x40, 0x40);
}

static void nobody_is_on_the_i2c_bus(void **state)
{
	struct rig *rig = *state;
	const uint32_t i2c1 = 0x40005400;
	rig_write(rig, i2c1, 0x101);                     /* PE, START */
	assert_int_equal(rig_read(rig, i2c1 + 0x14), 1); /* SB */
	assert_int_equal(rig_read(rig, i2c1 + 0x18), 3); /* BUSY, MSL */
	rig_write(rig, i2c1 + 0x10, 0xa0);
	assert_int_equal(rig_read(rig, i2c1 + 0x14), 0x400); /* AF */
	rig_write(rig, i2c1, 0x201);                         /* STOP */
	rig_write(rig, i2c1 + 0x14, 0);
	assert_int_equal(rig_read(rig, i2c1 + 0x14), 0);
	assert_int_equal(rig_read(rig, i2c1 + 0x18), 0);
}

static void the_adc_measures_the_supply(void **state)
{
	struct rig *rig = *state;
	const uint32_t adc1 = 0x40012000;
	rig_write(rig, adc1 + 0x34, 17); /* the reference, 1.21 V */
	rig_write(rig, adc1 + 8, 0x40000000);
	assert_int_equal(rig_read(rig, adc1), 0); /* it is off */
	rig_write(rig, adc1 + 8, 1);
	rig_write(rig, adc1 + 8, 0x40000001);
	assert_int_equal(rig_read(rig, adc1) & 2, 2); /* EOC */
	assert_int_equal(rig_read(rig, adc1 + 0x4c), 1210 * 4095 / 3300);
	assert_int_equal(rig_read(rig, adc1) & 2, 0);
	chip_set_vdd(rig->chip, 3000);
	rig_write(rig, adc1 + 8, 0x40000001);
	assert_int_equal(rig_read(rig, adc1 + 0x4c), 1210 * 4095 / 3000);
}

static void usb_lets_its_driver_through(void **state)
{
	struct rig *rig = *state;
	const uint32_t otg = 0x50000000;
	assert_int_equal(rig_read(rig, otg + 0x10), 0x80000000); /* AHBIDL */
	rig_write(rig, otg + 0x10, 1);                           /* CSRST */
	assert_int_equal(rig_read(rig, otg + 0x10), 0x80000000);
	assert_int_equal(rig_read(rig, otg + 0x14) & 1, 0); /* device mode */
	rig_write(rig, otg + 0x0c, 0x20000000);             /* FHMOD */
	assert_int_equal(rig_read(rig, otg + 0x14) & 1, 1);
}

static void backup_registers_outlive_a_reset(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, 0x40002850, 0x1234); /* BKP0R, without DBP */
	assert_int_equal(rig_read(rig, 0x40002850), 0);
	rig_write(rig, 0x40007000, 0x8100);
	rig_write(rig, 0x40002850, 0x1234);
	rig_write(rig, AIRCR, SYSRESETREQ_KEY);
	rig_run(rig, US);
	assert_int_equal(rig_read(rig, 0x40002850), 0x1234);
	chip_set_vdd(rig->chip, 0);
	chip_set_vdd(rig->chip, 3300);
	assert_int_equal(rig_read(rig, 0x40002850), 0);
}

static void the_rtc_can_be_initialised(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, 0x40007000, 0x8100);
	rig_write(rig, 0x40002810, 0x007f0fff); /* PRER, protected */
	assert_int_equal(rig_read(rig, 0x40002810), 0x007f00ff);
	rig_write(rig, 0x40002824, 0xca);
	rig_write(rig, 0x40002824, 0x53);
	rig_write(rig, 0x4000280c, 0x80);                         /* INIT */
	assert_int_equal(rig_read(rig, 0x4000280c) & 0x60, 0x60); /* INITF, RSF */
	rig_write(rig, 0x40002810, 0x007f0fff);
	assert_int_equal(rig_read(rig, 0x40002810), 0x007f0fff);
}

/* ---- trace registers of the core ---- */

static void trace_registers_hold_what_openocd_writes(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, DEMCR, 1 << 24);
	rig_write(rig, 0xe0000e80, 0x00010005); /* ITM_TCR, locked */
	assert_int_equal(rig_read(rig, 0xe0000e80), 0);
	rig_write(rig, 0xe0000fb0, 0xc5acce55);
	assert_int_equal(rig_read(rig, 0xe0000fb4), 1);
	rig_write(rig, 0xe0000e80, 0x00010005);
	rig_write(rig, 0xe0000e00, 0xffffffff);
	assert_int_equal(rig_read(rig, 0xe0000e80), 0x00010005);
	assert_int_equal(rig_read(rig, 0xe0000e00), 0xffffffff);
	assert_int_equal(rig_read(rig, 0xe0000000), 1); /* the stimulus port takes bytes */
	rig_write_width(rig, 0xe0000000, 1, 'x');
	assert_int_equal(rig_read(rig, 0xe0040304), 0x102); /* TPIU_FFCR */
	rig_write(rig, 0xe0040010, 41);
	rig_write(rig, 0xe00400f0, 2);
	assert_int_equal(rig_read(rig, 0xe0040010), 41);
	assert_int_equal(rig_read(rig, 0xe00400f0), 2);
}

static void the_mpu_holds_its_regions(void **state)
{
	struct rig *rig = *state;
	rig_write(rig, 0xe000ed98, 3);
	rig_write(rig, 0xe000ed9c, 0x20000000);
	rig_write(rig, 0xe000eda0, 0x03060027);
	rig_write(rig, 0xe000ed9c, 0x08000015); /* VALID: region 5 */
	assert_int_equal(rig_read(rig, 0xe000ed98), 5);
	assert_int_equal(rig_read(rig, 0xe000ed9c), 0x08000005);
	rig_write(rig, 0xe000ed98, 3);
	assert_int_equal(rig_read(rig, 0xe000ed9c), 0x20000003);
	assert_int_equal(rig_read(rig, 0xe000eda0), 0x03060027);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_crc_unit_knows_its_polynomial),
		TEST(dma_copies_memory),
		TEST(dma_packs_and_stands),
		TEST(dma_stops_at_a_bus_error),
		TEST(dma_makes_code_new),
		TEST(pins_follow_their_drivers),
		TEST(edges_of_pins_interrupt),
		TEST(sensors_answer_on_spi),
		TEST(gyroscope_samples_move),
		TEST(three_wire_mode_listens),
		TEST(a_usart_is_always_ready_to_send),
		TEST(nobody_is_on_the_i2c_bus),
		TEST(the_adc_measures_the_supply),
		TEST(usb_lets_its_driver_through),
		TEST(backup_registers_outlive_a_reset),
		TEST(the_rtc_can_be_initialised),
		TEST(trace_registers_hold_what_openocd_writes),
		TEST(the_mpu_holds_its_regions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
