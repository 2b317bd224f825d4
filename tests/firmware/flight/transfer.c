/* RM0368 9.3.17 (stream configuration), 9.3.6 (memory-to-memory: DMA2 only, FIFO, no direct mode).
 */
#include "transfer.h"

#include "log.h"
#include "registers.h"
#include "tables.h"

uint32_t transfer_buffer[TRANSFER_WORDS];
volatile uint32_t transfers_done;

uint32_t transfer_start(void)
{
	rcc.ahb1enr |= RCC_AHB1ENR_DMA2EN;
	if ((dma2.stream[0].cr & DMA_CR_EN) != 0) {
		return 0;
	}
	nvic_iser[DMA2_STREAM0_IRQ / 32] = 1u << DMA2_STREAM0_IRQ % 32;

	dma2.lifcr = DMA_LISR_STREAM0;
	dma2.stream[0].par = (uint32_t)record_gyro;
	dma2.stream[0].m0ar = (uint32_t)transfer_buffer;
	dma2.stream[0].ndtr = TRANSFER_WORDS;
	dma2.stream[0].fcr = DMA_FCR_DMDIS | DMA_FCR_FTH_FULL;

	uint32_t configuration = DMA_CR_DIR_MEM2MEM | DMA_CR_PINC | DMA_CR_MINC | DMA_CR_PSIZE_32 |
				 DMA_CR_MSIZE_32 | DMA_CR_TCIE | DMA_CR_TEIE;
	dma2.stream[0].cr = configuration;
	dma2.stream[0].cr = configuration | DMA_CR_EN;
	return 1;
}

void transfer_handler(void)
{
	uint32_t status = dma2.lisr;

	dma2.lifcr = DMA_LISR_STREAM0;
	if ((status & DMA_LISR_TCIF0) != 0) {
		transfers_done++;
	} else {
		log_write("dma: transfer failed, LISR", status);
	}
}
